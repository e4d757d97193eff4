import Curl
import EventLoop
import HTTP
import Testing

@Suite("Requests to foreign servers") @Loop struct CurlHTTPTests {
    @Test("method, headers and body arrive as given, and the answer comes back whole")
    func roundTrip() async throws {
        try await withServer { request in
            let received =
                "\(request.method.rawValue) \(request.path)?\(request.query ?? "") \(request.headers["X-Test"] ?? "-")"
                + " \(request.headers["Content-Type"] ?? "-") \(request.headers["Content-Length"] ?? "-")"
            return HTTPResponse(201, headers: ["X-Answer": "yes"], body: Array(received.utf8) + request.body)
        } _: { url in
            let response = try await CurlHTTP.request(
                "POST", "\(url)/v1/a?b=c", headers: [("X-Test", "1"), ("Content-Type", "text/plain")],
                body: Array("țară".utf8), deadline: soon)
            #expect(response.status == 201)
            #expect(response.header("x-answer") == "yes")
            #expect(response.text == "POST /v1/a?b=c 1 text/plain 6țară")
        }
    }

    @Test("no body, an empty body and HEAD are three different things")
    func bodies() async throws {
        try await withServer { request in
            HTTPResponse(200, headers: ["X-Length": request.headers["Content-Length"] ?? "none"], body: [1, 2, 3])
        } _: { url in
            let get = try await CurlHTTP.request("GET", url, deadline: soon)
            #expect(get.header("X-Length") == "none")
            #expect(get.body == [1, 2, 3])
            let post = try await CurlHTTP.request("POST", url, body: [], deadline: soon)
            #expect(post.header("X-Length") == "0")
            let head = try await CurlHTTP.request("HEAD", url, deadline: soon)
            #expect(head.status == 200)
            #expect(head.body == [])
        }
    }

    @Test("a hundred requests at once are all answered")
    func concurrency() async throws {
        try await withServer { request in
            HTTPResponse(200, body: Array(request.path.utf8))
        } _: { url in
            let tasks = (0..<100).map { number in
                Task { @Loop in try await CurlHTTP.request("GET", "\(url)/\(number)", deadline: soon).text }
            }
            for (number, task) in tasks.enumerated() {
                let text = try await task.value
                #expect(text == "/\(number)")
            }
        }
    }

    @Test("a body over the limit is cut off and reported")
    func bodyLimit() async throws {
        try await withServer { _ in
            HTTPResponse(200, body: [UInt8](repeating: 0, count: 100_001))
        } _: { url in
            await #expect(throws: CurlError.bodyTooLarge) {
                try await CurlHTTP.request("GET", url, bodyLimit: 100_000, deadline: soon)
            }
        }
    }

    @Test("a server that does not answer is given up at the deadline, and a cancelled request at once")
    func deadlineAndCancellation() async throws {
        let never = Promise<HTTPResponse, Never>()
        try await withServer { _ in
            await never.value()
        } _: { url in
            let deadline = LoopInstant.current + .milliseconds(50)
            await #expect(throws: CurlError.deadline) { try await CurlHTTP.request("GET", url, deadline: deadline) }
            #expect(LoopInstant.current >= deadline)
            let task = Task { @Loop in _ = try await CurlHTTP.request("GET", "http://127.0.0.1:1", deadline: soon) }
            task.cancel()
            await #expect(throws: CurlError.cancelled) { try await task.value }
            never.succeed(HTTPResponse(200))
        }
    }

    @Test("nobody listening and an unknown host mean that nothing was sent")
    func unreachable() async throws {
        for url in ["http://127.0.0.1:1/", "http://no-such-host.invalid/"] {
            let error = await #expect(throws: CurlError.self) { try await CurlHTTP.request("GET", url, deadline: soon) }
            guard case .unreachable = error else {
                Issue.record("\(url): \(String(describing: error))")
                continue
            }
        }
    }

    @Test(
        "what could break the message is refused before anything is sent",
        arguments: [
            ("GET", "http://127.0.0.1:1/a b", "A", "b"), ("GET", "http://127.0.0.1:1/\r\nX: y", "A", "b"),
            ("GET", "file:///etc/passwd", "A", "b"), ("GET", "smtp://127.0.0.1:1", "A", "b"), ("GET", "", "A", "b"),
            ("GE T", "http://127.0.0.1:1/", "A", "b"), ("", "http://127.0.0.1:1/", "A", "b"),
            ("GET", "http://127.0.0.1:1/", "A", "b\r\nC: d"), ("GET", "http://127.0.0.1:1/", "A:", "b"),
            ("GET", "http://127.0.0.1:1/", "", "b"), ("GET", "http://127.0.0.1:1/", "A", "b\u{0}"),
        ])
    func invalid(method: String, url: String, name: String, value: String) async {
        let error = await #expect(throws: CurlError.self) {
            try await CurlHTTP.request(method, url, headers: [(name, value)], deadline: soon)
        }
        guard case .invalidRequest = error else {
            Issue.record("\(method) \(url): \(String(describing: error))")
            return
        }
    }

    private var soon: LoopInstant { LoopInstant.current + .seconds(20) }

    private func withServer(
        _ responder: @escaping HTTPServer.Responder, _ body: @Loop (String) async throws -> Void
    ) async throws {
        let server = HTTPServer(responder: responder)
        let address = try server.listen(on: .tcp(host: "127.0.0.1", port: 0))
        try await body("http://127.0.0.1:\(address.port)")
        await server.drain(within: .zero)
    }
}
