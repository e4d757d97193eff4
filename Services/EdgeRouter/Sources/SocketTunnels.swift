import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime

/// Hands WebSockets through to the gateways: vouches for the caller, then only moves bytes.
@Loop final class SocketTunnels {
    private static let connectDeadline = Duration.seconds(2)
    private static let handshakeDeadline = Duration.seconds(9)
    private static let vouchedSeconds: Int64 = 30
    private static let systemBuffer = 128 * 1024
    private static let longestDrain = Duration.seconds(5)
    /// For a client to answer the close frame.
    private static let farewell = Duration.seconds(2)

    private let bus: Bus
    private let signature: SignedCaller
    private let limit: Int
    private let opened: Counter
    private var tunnels: [ObjectIdentifier: Tunnel] = [:]
    /// By gateway instance, handshakes on their way included.
    private var load: [String: Int] = [:]
    private var total = 0
    private var isDraining = false

    private struct Tunnel {
        let client: TCPStream
        let gateway: TCPStream
        let instance: String
    }

    init(bus: Bus, signature: SignedCaller, limit: Int, metrics: Metrics) {
        self.bus = bus
        self.signature = signature
        self.limit = limit
        opened = metrics.counter("ebon_edge_tunnels_opened_total", "WebSockets that were handed through.")
        metrics.gauge("ebon_edge_tunnels", "WebSockets that are being handed through.") { [weak self] in
            Double(self?.tunnels.count ?? 0)
        }
    }

    /// Opens a socket at one of the gateways, or answers what that one says against it.
    ///
    /// - Parameter headers: go out with the gateway's acceptance.
    func open(
        _ request: HTTPRequest, credential: Credential, expiresAt: Timestamp?, headers: HTTPHeaders, client: String,
        requestId: String
    ) async throws(APIError) -> HTTPResponse {
        let socket = try SocketRequest(request)
        try credential.check(anyOf: socket.kind.scopes)
        try socket.checkUpgrade()
        let vouched = VouchedCaller(caller: credential.caller, expiresAt: expiresAt)
        guard !isDraining, total < limit, let payload = try? JSON(encoding: vouched).serialized() else {
            throw .unavailable("Too many sockets are open", retryAfter: 5)
        }
        let until = bus.time.milliseconds / 1000 + Self.vouchedSeconds
        let head = socket.head(
            vouchedCaller: signature.sign(payload, expiresAt: until), client: client, requestId: requestId)
        let deadline = LoopInstant.current + Self.handshakeDeadline
        for gateway in gatewaysByLoad() {
            guard let endpoint = StreamEndpoint(address: gateway.address ?? ""), LoopInstant.current < deadline else {
                continue
            }
            count(gateway.id, 1)
            do throws(HTTPClientError) {
                let upgrade = try await HTTPUpgrade.send(
                    head, to: endpoint, connectingWithin: Self.connectDeadline, within: deadline - .current)
                guard upgrade.response.status == 101 else {
                    count(gateway.id, -1)
                    return HTTPResponse(upgrade.response)
                }
                return handOver(upgrade, to: gateway.id, headers)
            } catch {
                count(gateway.id, -1)
                Log.warning(
                    "gateway does not take a socket", ["gateway": gateway.id, "error": String(describing: error)],
                    requestId: requestId)
            }
        }
        throw .unavailable("No gateway is available", retryAfter: 1)
    }

    /// Has the gateways say 1012 to every client, spread over some seconds so that these do not come back all at once; who
    /// has not gone by then is cut off.
    func drain(until deadline: LoopInstant) async {
        isDraining = true
        let open = Array(tunnels.values)
        let spread = min(Self.longestDrain, .milliseconds(2 * open.count), max(.zero, deadline - .current))
        for (index, tunnel) in open.enumerated() {
            if index.isMultiple(of: 64), index > 0 { try? await Loop.sleep(for: spread * 64 / open.count) }
            tunnel.gateway.finishWriting()
        }
        let end = min(deadline, .current + Self.farewell)
        while !tunnels.isEmpty, LoopInstant.current < end { try? await Loop.sleep(for: .milliseconds(20)) }
        for tunnel in tunnels.values {
            tunnel.client.close()
            tunnel.gateway.close()
        }
        tunnels = [:]
    }

    /// Those with the fewest sockets from here first; chance decides between equals.
    private func gatewaysByLoad() -> [Instance] {
        bus.instances(of: .gateway).shuffled().sorted { load[$0.id, default: 0] < load[$1.id, default: 0] }
    }

    private func handOver(_ upgrade: HTTPUpgrade, to instance: String, _ headers: HTTPHeaders) -> HTTPResponse {
        // The server drops the answer to a client that has gone meanwhile: then nobody takes the gateway's side over.
        var isAbandoned = false
        let abandonment = Loop.schedule(after: .seconds(1)) { [self] in
            isAbandoned = true
            count(instance, -1)
            upgrade.close()
        }
        return .takeOver { [self] client, early in
            guard !isAbandoned else { return client.close() }
            abandonment.cancel()
            client.write(upgrade.response.head(adding: headers))
            guard let (gateway, rest) = upgrade.take() else {
                count(instance, -1)
                return client.close()
            }
            client.write(rest)
            gateway.write(early)
            // How far a client is behind is the gateway's to judge: it must not vanish in buffers on the way.
            client.limitSystemBuffers(sending: Self.systemBuffer)
            gateway.limitSystemBuffers(receiving: Self.systemBuffer)
            let tunnel = Tunnel(client: client, gateway: gateway, instance: instance)
            tunnels[ObjectIdentifier(client)] = tunnel
            opened.increment()
            StreamRelay.join(client, gateway) { [weak self] in self?.ended(tunnel) }
            if isDraining { gateway.finishWriting() }
        }
    }

    private func ended(_ tunnel: Tunnel) {
        guard tunnels.removeValue(forKey: ObjectIdentifier(tunnel.client)) != nil else { return }
        count(tunnel.instance, -1)
    }

    private func count(_ instance: String, _ difference: Int) {
        total += difference
        let now = load[instance, default: 0] + difference
        load[instance] = now > 0 ? now : nil
    }
}

extension HTTPClientResponse {
    /// Status line and header fields as they go on to the client.
    fileprivate func head(adding added: HTTPHeaders) -> [UInt8] {
        var text = "HTTP/1.1 \(status.rawValue) \(status.phrase)\r\n"
        for (name, value) in headers.all + added.all { text += "\(name): \(value)\r\n" }
        return Array("\(text)\r\n".utf8)
    }
}

extension StreamEndpoint {
    /// `host:port`, IPv6 in brackets.
    fileprivate init?(address: String) {
        guard let url = HTTPURL("http://\(address)") else { return nil }
        self = url.endpoint
    }
}
