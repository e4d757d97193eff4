import EventLoop
import HTTP
import TestSupport
import Testing

@Suite("The server, met with raw bytes") @Loop struct ServerWireTests {
    private func echoServer(_ change: (inout HTTPServerConfiguration) -> Void = { _ in }) throws -> LiveServer {
        var configuration = HTTPServerConfiguration()
        change(&configuration)
        return try LiveServer(configuration) { HTTPResponse(200, body: Array("\($0.path) \($0.body.count)".utf8)) }
    }

    @Test("answers pipelined requests in order, even when the first takes longer")
    func pipelining() async throws {
        let server = try LiveServer { request in
            if request.path == "/1" { try? await Loop.sleep(for: .milliseconds(30)) }
            return HTTPResponse(200, body: Array("<\(request.path)>".utf8))
        }
        let requests = (1...3).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
        let raw = try await RawConnection(to: server, requests)
        #expect(await eventually { raw.statuses.count == 3 ? true : nil } != nil)
        let bodies = raw.text.split(separator: "<").dropFirst().map { $0.prefix(2) }
        #expect(bodies == ["/1", "/2", "/3"])
        raw.close()
        await server.stop()
    }

    @Test("answers HEAD with the length and without the body")
    func head() async throws {
        let server = try echoServer()
        let raw = try await RawConnection(to: server, "HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        #expect(raw.text.contains("Content-Length: 4\r\n"))
        #expect(raw.text.hasSuffix("\r\n\r\n"))
        await server.stop()
    }

    @Test("invites a body that the client holds back, and refuses one that is too large without inviting it")
    func expectContinue() async throws {
        let server = try echoServer { $0.limits.bodyBytes = 10 }
        let head = "POST /a HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: "
        let raw = try await RawConnection(to: server, head + "3\r\n\r\n")
        #expect(await eventually { raw.statuses == [100] ? true : nil } != nil)
        raw.send("abc")
        #expect(await eventually { raw.statuses == [100, 200] ? true : nil } != nil)
        raw.close()
        let large = try await RawConnection(to: server, head + "11\r\n\r\n")
        #expect(await eventually { large.hasEnded ? true : nil } != nil)
        #expect(large.statuses == [413])
        await server.stop()
    }

    @Test("asks its owner for the body limit of each request")
    func bodyLimit() async throws {
        let server = try LiveServer(
            bodyLimit: { $0.path == "/small" ? 1 : 100 }, responder: { _ in HTTPResponse(204) })
        let client = try HTTPClient(server.url)
        #expect(try await client.request(.post, "/large", body: [1, 2]).status == 204)
        #expect(try await client.request(.post, "/small", body: [1, 2]).status == 413)
        client.close()
        await server.stop()
    }

    @Test("closes a client that trickles its header, at an absolute deadline")
    func slowHeader() async throws {
        let server = try echoServer { $0.headerDeadline = .milliseconds(100) }
        let raw = try await RawConnection(to: server, "GET / HTTP/1.1\r\n")
        let trickle = Task { @Loop in
            while !raw.hasEnded {
                raw.send("X: y\r\n")
                try await Loop.sleep(for: .milliseconds(20))
            }
        }
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        trickle.cancel()
        #expect(raw.statuses == [408])
        await server.stop()
    }

    @Test("closes a client that trickles its body, at an absolute deadline")
    func slowBody() async throws {
        let server = try echoServer { $0.bodyDeadline = .milliseconds(100) }
        let raw = try await RawConnection(to: server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na")
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        #expect(raw.statuses == [408])
        await server.stop()
    }

    @Test("closes silent connections, new ones and kept ones, without a word")
    func idle() async throws {
        let server = try echoServer {
            $0.headerDeadline = .milliseconds(60)
            $0.idleDeadline = .milliseconds(60)
        }
        let silent = try await RawConnection(to: server)
        let kept = try await RawConnection(to: server, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await eventually { silent.hasEnded && kept.hasEnded ? true : nil } != nil)
        #expect(silent.received.isEmpty)
        #expect(kept.statuses == [200])
        #expect(server.server.connectionCount == 0)
        await server.stop()
    }

    @Test("delivers a refusal to a client that goes on sending")
    func lingering() async throws {
        let server = try echoServer { $0.limits.bodyBytes = 10 }
        let raw = try await RawConnection(to: server, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n")
        raw.send(String(repeating: "z", count: 500_000))
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        #expect(raw.statuses == [413])
        #expect(raw.text.contains("Connection: close\r\n"))
        await server.stop()
    }

    @Test("answers a client that has closed its sending side")
    func halfClose() async throws {
        let server = try LiveServer { _ in
            try? await Loop.sleep(for: .milliseconds(20))
            return HTTPResponse(200)
        }
        let request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        let raw = try await RawConnection(to: server, request + request)
        raw.finishWriting()
        #expect(await eventually { raw.hasEnded ? true : nil } != nil)
        #expect(raw.statuses == [200, 200])
        await server.stop()
    }

    @Test("sends a body far larger than the socket's buffer to a client that reads late")
    func largeAnswer() async throws {
        let body = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let server = try LiveServer { _ in HTTPResponse(200, body: body) }
        let client = try HTTPClient(server.url)
        for _ in 1...2 { #expect(try await client.request(.get, "/").body == body) }
        client.close()
        await server.stop()
    }

    @Test("cuts a client that reads nothing of its answer")
    func stalledReader() async throws {
        let body = [UInt8](repeating: 1, count: 16_000_000)
        var configuration = HTTPServerConfiguration()
        configuration.stalledWriteDeadline = .milliseconds(60)
        let server = try LiveServer(configuration) { _ in HTTPResponse(200, body: body) }
        let stream = try await TCPStream.connect(to: server.endpoint, within: .seconds(5))
        stream.pauseReading()
        stream.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        #expect(await eventually { server.server.connectionCount == 1 ? true : nil } != nil)
        #expect(await eventually { server.server.connectionCount == 0 ? true : nil } != nil)
        stream.close()
        await server.stop()
    }

    @Test("cuts who has been taking longest when more waits for its clients than it may hold")
    func unsentBytes() async throws {
        let body = [UInt8](repeating: 1, count: 16_000_000)
        var configuration = HTTPServerConfiguration()
        configuration.maximumUnsentBytes = 20_000_000
        let server = try LiveServer(configuration) { _ in HTTPResponse(200, body: body) }
        let slow = try await TCPStream.connect(to: server.endpoint, within: .seconds(5))
        slow.pauseReading()
        slow.write("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        #expect(await eventually { server.server.connectionCount == 1 ? true : nil } != nil)
        let newer = try await TCPStream.connect(to: server.endpoint, within: .seconds(5))
        newer.pauseReading()
        newer.write("GET /2 HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
        #expect(await eventually { server.server.connectionCount == 2 ? true : nil } != nil)
        #expect(await eventually { server.server.connectionCount == 1 ? true : nil } != nil)
        var taken = 0
        newer.handler = { if case .bytes(let bytes) = $0 { taken += bytes.count } }
        newer.resumeReading()
        #expect(await eventually { taken > body.count ? true : nil } != nil)
        slow.close()
        newer.close()
        await server.stop()
    }

    @Test("drains: closes idle connections at once, ends running requests, cuts what outlasts the limit")
    func drain() async throws {
        var running = 0
        let drainHasBegun = Promise<Void, Never>()
        let server = try LiveServer { request in
            running += 1
            guard request.path == "/short" else {
                try? await Loop.sleep(for: .seconds(60))
                return HTTPResponse(200)
            }
            await drainHasBegun.value()
            return HTTPResponse(200)
        }
        let idle = try await RawConnection(to: server)
        let short = try await RawConnection(to: server, "GET /short HTTP/1.1\r\nHost: x\r\n\r\n")
        let long = try await RawConnection(to: server, "GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await eventually { running == 2 && server.server.connectionCount == 3 ? true : nil } != nil)
        Loop.schedule(after: .zero) { drainHasBegun.succeed(()) }
        await server.server.drain(within: .seconds(2))
        #expect(await eventually { idle.hasEnded && short.hasEnded && long.hasEnded ? true : nil } != nil)
        #expect(short.statuses == [200])
        #expect(short.text.contains("Connection: close\r\n"))
        #expect(long.received.isEmpty)
        await #expect(throws: StreamError.self) {
            try await TCPStream.connect(to: server.endpoint, within: .seconds(1))
        }
    }

    @Test("leaves connections above the maximum waiting until there is room")
    func maximum() async throws {
        let server = try echoServer { $0.maximumConnections = 1 }
        let first = try await RawConnection(to: server, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await eventually { first.statuses == [200] ? true : nil } != nil)
        let second = try await RawConnection(to: server, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(server.server.connectionCount == 1)
        first.close()
        #expect(await eventually { second.statuses == [200] ? true : nil } != nil)
        second.close()
        await server.stop()
    }

    @Test("cuts who has kept it waiting longest when all places are taken")
    func makingRoom() async throws {
        let server = try echoServer { $0.maximumConnections = 3 }
        let silent = try await RawConnection(to: server, "")
        #expect(await eventually { server.server.connectionCount == 1 ? true : nil } != nil)
        let slow = try await RawConnection(to: server, "GET /1 HTTP/1.1\r\nHost:")
        #expect(await eventually { server.server.connectionCount == 2 ? true : nil } != nil)
        let newest = try await RawConnection(to: server, "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(await eventually { newest.statuses == [200] && silent.hasEnded ? true : nil } != nil)
        #expect(!slow.hasEnded)
        slow.send(" x\r\n\r\n")
        #expect(await eventually { slow.statuses == [200] ? true : nil } != nil)
        await server.stop()
    }

    @Test("hands a connection over with the bytes behind the request")
    func takeOver() async throws {
        let server = try LiveServer { _ in
            .takeOver { stream, rest in
                stream.write("tunnel:".utf8)
                stream.write(rest)
                stream.handler = { event in
                    if case .bytes(let bytes) = event { stream.write(bytes) }
                    if case .end = event { stream.close() }
                }
            }
        }
        let raw = try await RawConnection(to: server, "GET / HTTP/1.1\r\nHost: x\r\n\r\nearly")
        #expect(await eventually { raw.text == "tunnel:early" ? true : nil } != nil)
        raw.send(" late")
        #expect(await eventually { raw.text == "tunnel:early late" ? true : nil } != nil)
        #expect(server.server.connectionCount == 0)
        raw.close()
        await server.stop()
    }
}
