import EventLoop
import HTTP
import TestSupport
import Testing

@Suite("The WebSocket, over real sockets") @Loop struct WebSocketTests {
    private nonisolated static let handshake = """
        GET /socket HTTP/1.1\r\nHost: x\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n
        """

    private func server(
        _ limits: WebSocketLimits = WebSocketLimits(), onOpen: @escaping @Loop (WebSocket) -> Void = { _ in }
    ) throws -> LiveServer {
        try LiveServer { _ in .webSocket(subprotocols: ["ebon.device.v1"], limits: limits, onOpen: onOpen) }
    }

    @Test("answers the handshake of RFC 6455, and takes the frames that came with it")
    func handshakeAnswer() async throws {
        let text = Promise<[UInt8], Never>()
        let server = try server { $0.onText = { text.succeed($0) } }
        let raw = try await RawConnection(to: server, Self.handshake + "Sec-WebSocket-Version: 13\r\n\r\n")
        raw.send(bytes: [0x81, 0x82, 0, 0, 0, 0] + Array("ok".utf8))
        #expect(await text.value() == Array("ok".utf8))
        let accept = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
        #expect(await eventually { raw.text.contains(accept) ? true : nil } != nil)
        raw.close()
        await server.stop()
    }

    @Test("says farewell to a peer that ends its stream without a word, if it is told how")
    func farewell() async throws {
        let closure = Promise<WebSocketClosure, Never>()
        let server = try server(WebSocketLimits(messageBytes: 100, farewell: .serviceRestart)) {
            $0.onClose = { closure.succeed($0) }
        }
        let raw = try await RawConnection(to: server, Self.handshake + "Sec-WebSocket-Version: 13\r\n\r\n")
        #expect(await eventually { raw.text.contains("\r\n\r\n") ? true : nil } != nil)
        raw.finishWriting()
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        #expect(Array(raw.received.suffix(4)) == [0x88, 2, 1012 >> 8, 1012 & 0xff])
        #expect(await closure.value().code == .abnormal)
        await server.stop()
    }

    @Test(
        "refuses what is no handshake",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 426),
            (handshake + "Sec-WebSocket-Version: 8\r\n\r\n", 426),
            (handshake + "\r\n", 426),
            (handshake.replacing("dGhl", with: "dGh?") + "Sec-WebSocket-Version: 13\r\n\r\n", 400),
            (handshake.replacing("Key", with: "Cay") + "Sec-WebSocket-Version: 13\r\n\r\n", 400),
            (handshake.replacing("GET", with: "PUT") + "Sec-WebSocket-Version: 13\r\n\r\n", 400),
            (handshake.replacing("/1.1", with: "/1.0") + "Sec-WebSocket-Version: 13\r\n\r\n", 426),
        ])
    func badHandshake(_ request: String, _ status: Int) async throws {
        let server = try server()
        let raw = try await RawConnection(to: server, request)
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        #expect(raw.statuses == [status])
        #expect(raw.text.contains("Sec-WebSocket-Version: 13\r\n") == (status == 426))
        await server.stop()
    }

    @Test("gives a client the server's own answer when the handshake is refused")
    func refusedHandshake() async throws {
        let server = try LiveServer { _ in HTTPResponse(401, body: Array("who?".utf8)) }
        do throws(HTTPClientError) {
            _ = try await WebSocketClient.connect(server.webSocketURL)
            Issue.record("opened")
        } catch {
            guard case .refused(let response) = error else { return #expect(Bool(false), "\(error)") }
            #expect(response.status == 401)
            #expect(response.text == "who?")
        }
        await server.stop()
    }

    @Test("counts every frame, control frames too, and answers pings itself")
    func frames() async throws {
        var frames = 0
        let server = try server { $0.onFrame = { frames += 1 } }
        let pong = Promise<[UInt8], Never>()
        let socket = try await WebSocketClient.connect(server.webSocketURL) { $0.onPong = { pong.succeed($0) } }
        socket.send(text: "a")
        socket.send(binary: [1])
        socket.ping([1, 2])
        #expect(await pong.value() == [1, 2])
        #expect(frames == 3)
        #expect(socket.bufferedBytes == 0)
        socket.abort()
        await server.stop()
    }

    @Test("reports a close of either side to both, with its code")
    func closing() async throws {
        let atServer = Promise<WebSocketClosure, Never>()
        let atClient = Promise<WebSocketClosure, Never>()
        let server = try server { socket in
            socket.onClose = { atServer.succeed($0) }
            socket.onText = { _ in socket.close(4409, "a newer socket") }
        }
        let socket = try await WebSocketClient.connect(server.webSocketURL) { $0.onClose = { atClient.succeed($0) } }
        socket.send(text: "close me")
        let expected = WebSocketClosure(code: 4409, reason: "a newer socket", clean: true)
        #expect(await atClient.value() == expected)
        #expect(await atServer.value() == expected)
        await server.stop()
    }

    @Test("reports 1006 when the connection just ends")
    func abnormal() async throws {
        let closed = Promise<WebSocketClosure, Never>()
        let server = try server { $0.onClose = { closed.succeed($0) } }
        let socket = try await WebSocketClient.connect(server.webSocketURL)
        socket.abort()
        #expect(await closed.value() == WebSocketClosure(code: .abnormal, reason: "", clean: false))
        await server.stop()
    }

    @Test("cuts a peer that does not answer a close")
    func closeDeadline() async throws {
        let closed = Promise<WebSocketClosure, Never>()
        var limits = WebSocketLimits()
        limits.closeDeadline = .milliseconds(40)
        let server = try server(limits) { socket in
            socket.onClose = { closed.succeed($0) }
            socket.close(1012, "restart")
        }
        let raw = try await RawConnection(to: server, Self.handshake + "Sec-WebSocket-Version: 13\r\n\r\n")
        #expect(await closed.value() == WebSocketClosure(code: 1012, reason: "restart", clean: false))
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        await server.stop()
    }

    @Test(
        "closes with 1009 above the limit, and 1002 for a broken frame",
        arguments: [
            ([0x82, 0xfe, 0x04, 0x01, 0, 0, 0, 0], 1009), ([0xf1, 0x80, 0, 0, 0, 0], 1002),
            ([0x81, 0x81, 0, 0, 0, 0, 0xff], 1007),
        ] as [([UInt8], Int)])
    func violations(_ bytes: [UInt8], _ code: Int) async throws {
        let closed = Promise<WebSocketClosure, Never>()
        let server = try server(WebSocketLimits(messageBytes: 1024)) { $0.onClose = { closed.succeed($0) } }
        let raw = try await RawConnection(to: server, Self.handshake + "Sec-WebSocket-Version: 13\r\n\r\n")
        raw.send(bytes: bytes)
        #expect(await closed.value().code.rawValue == UInt16(code))
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        let frame = raw.received[(raw.received.firstIndex(of: 0x88) ?? raw.received.endIndex)...]
        #expect(frame.dropFirst(2).prefix(2).elementsEqual([UInt8(code >> 8), UInt8(code & 255)]))
        await server.stop()
    }

    @Test("counts what a slow reader has not taken, and cuts it at the limit")
    func slowReader() async throws {
        let opened = Promise<WebSocket, Never>()
        let closed = Promise<WebSocketClosure, Never>()
        var limits = WebSocketLimits()
        limits.bufferedBytes = 1 << 20
        let server = try server(limits) { socket in
            socket.onClose = { closed.succeed($0) }
            opened.succeed(socket)
        }
        let client = try await WebSocketClient.connect(server.webSocketURL)
        client.pauseReading()
        let socket = await opened.value()
        let message = [UInt8](repeating: 1, count: 100_000)
        var sent = 0
        while !closed.isSettled, sent < 1000 {
            socket.send(binary: message)
            sent += 1
            try await Loop.sleep(for: .zero)
        }
        #expect(await closed.value().code == .abnormal)
        #expect(sent < 1000)
        client.abort()
        await server.stop()
    }
}
