import EventLoop

/// One connection of a client: one request at a time.
@Loop final class HTTPClientConnection {
    let stream: TCPStream
    private(set) var isReusable = true
    private var parser: HTTPResponseParser?
    private var head: HTTPResponseParser.Head?
    private var body: [UInt8] = []
    private var answer: Promise<HTTPClientResponse, HTTPClientError>?
    private(set) var rest: [UInt8] = []

    init(_ stream: TCPStream) {
        self.stream = stream
        stream.handler = { self.handle($0) }
    }

    /// Sends a request and awaits its whole response; on any error the connection is closed.
    func send(
        _ request: [UInt8], isHead: Bool, bodyLimit: Int, before deadline: LoopInstant
    ) async throws(HTTPClientError) -> HTTPClientResponse {
        parser = HTTPResponseParser(isHead: isHead, bodyLimit: bodyLimit)
        let answer = Promise<HTTPClientResponse, HTTPClientError>(deadline: deadline, failure: .deadline)
        self.answer = answer
        stream.write(request)
        do {
            return try await answer.value()
        } catch {
            close()
            throw error
        }
    }

    func close() {
        isReusable = false
        stream.close()
    }

    private func handle(_ event: TCPStream.Event) {
        switch event {
        case .bytes(let bytes):
            do throws(HTTPRefusal) {
                try read(bytes)
            } catch {
                isReusable = false
                answer?.fail(.badResponse(error.reason))
            }
        case .drained:
            break
        case .end, .failed:
            isReusable = false
            if parser?.endsWithConnection == true { finish() }
            answer?.fail(.disconnected)
            stream.close()
        }
    }

    private func read(_ bytes: ByteView) throws(HTTPRefusal) {
        guard parser != nil else {
            // Bytes that nobody asked for, except behind a 101, where they belong to the next protocol.
            isReusable = false
            rest.append(contentsOf: bytes)
            if rest.count > 1 << 20 { stream.pauseReading() }
            return
        }
        var offset = 0
        var consumed = 0
        while let event = try parser?.next(bytes.view(from: offset), consumed: &consumed) {
            let start = offset
            offset += consumed
            switch event {
            case .head(let head):
                self.head = head
                body = []
            case .body(let range):
                body.append(contentsOf: bytes.view(start + range.lowerBound, start + range.upperBound))
            case .end:
                rest = Array(bytes.view(from: offset))
                return finish()
            }
        }
    }

    private func finish() {
        guard let head else { return }
        if !head.keepsAlive || !rest.isEmpty || head.status == 101 { isReusable = false }
        parser = nil
        self.head = nil
        answer?.succeed(HTTPClientResponse(status: head.status, headers: head.headers, body: body))
        body = []
    }
}
