import Bus
import Crypto
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("A WebSocket through the edge", .timeLimit(.minutes(1))) @Loop struct SocketTests {
    @Test("reaches a gateway with the caller vouched for and nothing secret or forged")
    func handshake() async throws {
        try await withGateway { fixture, gateway in
            let token = fixture.addSession(.owner)
            let closed = Promise<WebSocketClosure, Never>()
            let echo = Promise<[UInt8], Never>()
            let headers: HTTPHeaders = ["X-Ebon-Caller": "forged", "Cookie": "secret", "X-Request-Id": "r-3"]
            let socket = try await WebSocketClient.connect(
                fixture.url("/ws?deviceId=dev%201&token=\(token)&appVersion=2"), headers: headers,
                subprotocols: ["ebon.device.v1"], limits: WebSocketLimits(messageBytes: 8 << 20)
            ) {
                $0.onBinary = { echo.succeed($0) }
                $0.onClose = { closed.succeed($0) }
            }
            #expect(socket.subprotocol == "ebon.device.v1")
            let request = try #require(gateway.request)
            #expect(request.query == "deviceId=dev%201&appVersion=2")
            #expect(request.headers["Cookie"] == nil && request.headers["Authorization"] == nil)
            #expect(request.headers["X-Request-Id"] == "r-3")
            #expect(request.headers.values(of: "x-ebon-caller").count == 1)
            let vouched = try vouchedCaller(request)
            #expect(vouched.caller.userId == "usr_1")
            #expect(vouched.expiresAt.map { $0 > Timestamp.now() } == true)

            // Far more than the buffers on the way hold: somebody has to wait.
            let bytes = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            socket.send(binary: bytes)
            #expect(await echo.value() == bytes)
            gateway.socket?.close(4409, "superseded")
            #expect(await closed.value() == WebSocketClosure(code: 4409, reason: "superseded", clean: true))
            let none = await eventually { fixture.metrics.exposition().contains("ebon_edge_tunnels 0\n") ? true : nil }
            #expect(none == true)
        }
    }

    @Test("carries the figures of the limits in its acceptance, and ends with its client")
    func raw() async throws {
        try await withGateway { fixture, gateway in
            let key = fixture.addKey(scopes: [.commands])
            let stream = try await TCPStream.connect(to: fixture.endpoint, within: .seconds(5))
            let accepted = Promise<Void, Never>()
            var received = ""
            stream.handler = { event in
                guard case .bytes(let bytes) = event else { return }
                received += String(decoding: bytes, as: UTF8.self)
                if received.contains("\r\n\r\n") { accepted.succeed(()) }
            }
            stream.write(Array(handshake("/ws?subscribe=events", key).utf8))
            await accepted.value()
            #expect(received.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(received.contains("\r\nRateLimit-Remaining: 149\r\n") && received.contains("\r\nX-Request-Id: "))
            #expect(try vouchedCaller(try #require(gateway.request)).expiresAt == nil)
            stream.abort()
            #expect(await eventually { gateway.socket == nil ? true : nil } == true)
        }
    }

    @Test("is refused before the upgrade, in the usual order")
    func refusals() async throws {
        try await withGateway { fixture, gateway in
            let reader = fixture.addKey(1, scopes: [.devicesRead])
            let reports = fixture.addKey(2, scopes: [.reports])
            let all = fixture.addKey(3, scopes: [.all])
            let cases: [(String, Int)] = [
                (handshake("/ws", nil), 401), (handshake("/ws?deviceId=d&apiKey=nonsense", nil), 401),
                (handshake("/ws", all), 400), (handshake("/ws?deviceId=", all), 400),
                (handshake("/ws?subscribe=all", all), 400), (handshake("/ws?deviceId=d", reader), 403),
                (handshake("/ws?subscribe=events", reports), 403), (handshake("/ws?deviceId=missing", all), 404),
                (handshake("/ws?deviceId=d", all).replacing("HTTP/1.1", with: "HTTP/1.0"), 426),
                ("GET /ws?deviceId=d HTTP/1.1\r\nHost: e\r\nX-Api-Key: \(all)\r\nConnection: close\r\n\r\n", 426),
                ("POST /ws?deviceId=d HTTP/1.1\r\nHost: e\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 405),
            ]
            for (request, status) in cases {
                let answer = try await fixture.exchange(request)
                #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request) -> \(answer)")
                #expect(answer.contains("RateLimit-Remaining") && answer.contains(#"{"error":{"code":""#))
            }
            #expect(gateway.socket == nil)
        }
    }

    @Test("tries the next gateway when one does not answer the phone, and is refused when none is left")
    func failover() async throws {
        try await withGateway { fixture, gateway in
            let key = fixture.addKey(scopes: [.all])
            let dead = Bus(service: .gateway, instance: "dead", redis: fixture.redis.url)
            try await dead.start()
            dead.announce(address: "127.0.0.1:1")
            _ = await eventually { fixture.owner.instances(of: .gateway).count == 2 ? true : nil }
            for _ in 1...6 {
                let socket = try await WebSocketClient.connect(
                    fixture.url("/ws?deviceId=d"), headers: ["x-api-key": key])
                socket.close(1000, "")
            }
            await gateway.bus.leave()
            let answer = try await fixture.exchange(handshake("/ws?deviceId=d", key))
            #expect(answer.hasPrefix("HTTP/1.1 503 "))
            dead.abandon()
        }
    }

    @Test("is refused with 429 when its key has no requests left, before any gateway hears of it")
    func limited() async throws {
        let settings = LimitSettings(global: RateLimit(count: 1, window: .seconds(600)))
        try await withGateway(settings) { fixture, gateway in
            let key = fixture.addKey(scopes: [.all])
            let socket = try await WebSocketClient.connect(fixture.url("/ws?deviceId=d"), headers: ["x-api-key": key])
            let first = gateway.request?.headers["X-Request-Id"]
            let answer = try await fixture.exchange(handshake("/ws?deviceId=d", key))
            #expect(answer.hasPrefix("HTTP/1.1 429 ") && answer.contains(#""code":"RATE_LIMIT_EXCEEDED""#))
            #expect(answer.contains("\r\nRetry-After: "))
            #expect(gateway.request?.headers["X-Request-Id"] == first)
            #expect(socket.isOpen)
            socket.close()
        }
    }

    @Test("is told 1012 when the edge leaves, and none is opened after that")
    func drained() async throws {
        try await withGateway { fixture, gateway in
            let key = fixture.addKey(scopes: [.all])
            var closures: [WebSocketClosure] = []
            for _ in 0..<3 {
                _ = try await WebSocketClient.connect(fixture.url("/ws?deviceId=d"), headers: ["x-api-key": key]) {
                    $0.onClose = { closures.append($0) }
                }
            }
            // A client that never answers is cut off.
            let mute = try await TCPStream.connect(to: fixture.endpoint, within: .seconds(5))
            mute.handler = { _ in }
            mute.write(Array(handshake("/ws?deviceId=d", key).utf8))
            let all = await eventually { fixture.metrics.exposition().contains("ebon_edge_tunnels 4\n") ? true : nil }
            #expect(all == true)
            await fixture.tunnels.drain(until: .current + .seconds(5))
            #expect(closures == Array(repeating: .init(code: 1012, reason: "", clean: true), count: 3))
            #expect(fixture.metrics.exposition().contains("ebon_edge_tunnels 0\n"))
            #expect(try await fixture.exchange(handshake("/ws?deviceId=d", key)).hasPrefix("HTTP/1.1 503 "))
            mute.abort()
        }
    }

    @Test("is refused beyond the number of tunnels that are allowed")
    func limit() async throws {
        try await withGateway(maximumTunnels: 1) { fixture, gateway in
            let key = fixture.addKey(scopes: [.all])
            let socket = try await WebSocketClient.connect(fixture.url("/ws?deviceId=d"), headers: ["x-api-key": key])
            #expect(try await fixture.exchange(handshake("/ws?deviceId=d", key)).hasPrefix("HTTP/1.1 503 "))
            socket.close(1000, "")
        }
    }

    private func handshake(_ target: String, _ key: String?) -> String {
        let credential = key.map { "X-Api-Key: \($0)\r\n" } ?? ""
        return
            "GET \(target) HTTP/1.1\r\nHost: edge\r\n\(credential)Connection: Upgrade, close\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    }

    private func vouchedCaller(_ request: HTTPRequest) throws -> VouchedCaller {
        let value = request.headers["x-ebon-caller"] ?? ""
        let (payload, _) = try SignedCaller.ofTests.verify(value, now: Timestamp.now().milliseconds / 1000)
        return try JSON(parsing: payload).decode(VouchedCaller.self)
    }

    private func withGateway(
        _ settings: LimitSettings = LimitSettings(), maximumTunnels: Int = 10,
        _ body: @Loop (EdgeFixture, EchoGateway) async throws -> Void
    ) async throws {
        try await EdgeFixture.run(settings, maximumTunnels: maximumTunnels) { fixture in
            let gateway = try await EchoGateway(fixture)
            try await body(fixture, gateway)
            await gateway.stop()
        }
    }
}

/// A gateway that says everything back, and knows every device but `missing`.
@Loop private final class EchoGateway {
    let bus: Bus
    private(set) var request: HTTPRequest?
    private(set) var socket: WebSocket?
    private var server: HTTPServer?

    init(_ fixture: EdgeFixture) async throws {
        bus = Bus(service: .gateway, instance: "echo", redis: fixture.redis.url)
        try await bus.start()
        let server = HTTPServer { [self] request in
            self.request = request
            if request.query == "deviceId=missing" {
                return HTTPResponse(
                    404, headers: ["Content-Type": "application/json"],
                    body: Array(#"{"error":{"code":"NOT_FOUND"}}"#.utf8))
            }
            return .webSocket(
                subprotocols: ["ebon.device.v1"], limits: WebSocketLimits(messageBytes: 8 << 20, farewell: 1012)
            ) { socket in
                self.socket = socket
                socket.onBinary = { socket.send(binary: $0) }
                socket.onClose = { _ in self.socket = nil }
            }
        }
        self.server = server
        let address = try server.listen(on: .tcp(host: "127.0.0.1", port: 0))
        bus.announce(address: "127.0.0.1:\(address.port)")
        _ = await eventually { fixture.owner.instances(of: .gateway).first?.address }
    }

    func stop() async {
        await server?.drain(within: .milliseconds(50))
        bus.abandon()
    }
}

extension EdgeFixture {
    fileprivate func url(_ target: String) -> String {
        guard case .tcp(let host, let port) = endpoint else { return "" }
        return "ws://\(host):\(port)\(target)"
    }
}
