import EventLoop
import HTTP
import Testing

@Suite("The server and the clients, over real sockets") @Loop struct LiveServerTests {
    @Test("answers requests on one kept connection")
    func keepAlive() async throws {
        let server = try LiveServer { request in
            HTTPResponse(200, headers: ["X-Path": request.path], body: request.body)
        }
        let client = try HTTPClient(server.url)
        for index in 1...3 {
            let response = try await client.request(.post, "/echo/\(index)?a=b%20c", body: Array("hello".utf8))
            #expect(response.status == 200)
            #expect(response.headers["x-path"] == "/echo/\(index)")
            #expect(response.text == "hello")
            #expect(response.headers["Date"]?.hasSuffix("GMT") == true)
        }
        #expect(server.server.connectionCount == 1)
        await server.stop()
    }

    @Test("opens a WebSocket and echoes both kinds of message")
    func webSocketEcho() async throws {
        let server = try LiveServer { _ in
            .webSocket(subprotocols: ["second"]) { socket in
                socket.onText = { socket.send(text: $0) }
                socket.onBinary = { socket.send(binary: $0) }
            }
        }
        let text = Promise<[UInt8], Never>()
        let binary = Promise<[UInt8], Never>()
        let closed = Promise<WebSocketClosure, Never>()
        let socket = try await WebSocketClient.connect(server.webSocketURL, subprotocols: ["first", "second"]) {
            $0.onText = { text.succeed($0) }
            $0.onBinary = { binary.succeed($0) }
            $0.onClose = { closed.succeed($0) }
        }
        #expect(socket.subprotocol == "second")
        socket.send(text: "salut, ăîșț")
        socket.send(binary: Array(repeating: 7, count: 100_000))
        #expect(await text.value() == Array("salut, ăîșț".utf8))
        #expect(await binary.value().count == 100_000)
        socket.close(4000, "done")
        #expect(await closed.value() == WebSocketClosure(code: 4000, reason: "done", clean: true))
        await server.stop()
    }
}
