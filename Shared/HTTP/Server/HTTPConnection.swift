import EventLoop

/// One connection of an ``HTTPServer``: parses, runs the responder, writes answers in order, keeps the deadlines.
@Loop final class HTTPConnection {
    private enum Phase {
        case idle
        case head
        case body
        case responding
        case refusing
        case congested
        case closed
    }

    /// Pipelined bytes that may wait behind a running request before reading stops.
    private static let unreadLimit = 64 * 1024

    private let stream: TCPStream
    private let server: HTTPServer
    private let deadline: ConnectionDeadline
    private var parser: HTTPRequestParser
    private var phase = Phase.idle
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var unread: [UInt8] = []
    private var owesContinue = false
    private var isParsing = false
    private var peerHasEnded = false
    private var isNew = true
    private var sentBytes = 0
    private var handOver: (@Loop (TCPStream, [UInt8]) -> Void)?

    init(_ stream: TCPStream, server: HTTPServer) {
        self.stream = stream
        self.server = server
        parser = HTTPRequestParser(limits: server.configuration.limits)
        deadline = ConnectionDeadline()
        stream.highWaterMark = 64 * 1024
        stream.handler = { self.handle($0) }
        deadline.expired = { self.expire() }
        deadline.set(after: server.configuration.headerDeadline)
    }

    /// When its client last had something to do: connected, or had been answered.
    private(set) var lastActive = Loop.now
    /// What the client has not taken of an answer that is too large for its socket; as it was when it was written.
    private(set) var unsentBytes = 0
    /// True while the client is to send a request, or to take an answer.
    var awaitsClient: Bool { phase != .responding && phase != .refusing && phase != .closed }

    func closeIfIdle() {
        if phase == .idle { close() }
    }

    func abort() {
        finish()
        stream.abort()
    }

    private func handle(_ event: TCPStream.Event) {
        switch event {
        case .bytes(let bytes):
            switch phase {
            case .responding, .congested: keep(bytes)
            case .refusing, .closed: break
            case .idle, .head, .body: parse(bytes)
            }
        case .end:
            peerHasEnded = true
            if phase != .responding, phase != .refusing, phase != .congested { close() }
        case .drained:
            guard phase == .congested else { return }
            becomeIdle()
            parseUnread()
        case .failed:
            finish()
        }
    }

    private func keep(_ bytes: ByteView) {
        unread.append(contentsOf: bytes)
        if unread.count >= Self.unreadLimit { stream.pauseReading() }
    }

    private func parseUnread() {
        guard !unread.isEmpty else { return closeAfterEnd() }
        let bytes = unread
        unread = []
        stream.resumeReading()
        bytes.withUnsafeBufferPointer { parse($0) }
        closeAfterEnd()
    }

    private func closeAfterEnd() {
        if peerHasEnded, phase == .idle || phase == .head || phase == .body { close() }
    }

    private func parse(_ input: ByteView) {
        isParsing = true
        defer { isParsing = false }
        var offset = 0
        var consumed = 0
        while let event = parser.next(input.view(from: offset), consumed: &consumed) {
            let start = offset
            offset += consumed
            switch event {
            case .head(let head): begin(head)
            case .body(let range):
                body.append(contentsOf: input.view(start + range.lowerBound, start + range.upperBound))
            case .end: respond()
            case .refused(let refusal): return refuse(refusal)
            }
            guard phase != .closed else { return giveRest(input.view(from: offset)) }
            if phase == .responding || phase == .congested {
                if offset < input.count { keep(input.view(from: offset)) }
                return stream.flush()
            }
        }
        if phase == .idle, !parser.isIdle {
            phase = .head
            // A new connection's deadline runs since it was accepted.
            if !isNew { deadline.set(after: server.configuration.headerDeadline) }
        }
        if owesContinue, phase == .body, body.isEmpty {
            owesContinue = false
            stream.write(ResponseWriter.continueResponse)
        }
        stream.flush()
    }

    private func begin(_ head: HTTPRequestHead) {
        self.head = head
        isNew = false
        owesContinue = head.expectsContinue
        if let limit = server.bodyLimit { parser.bodyLimit = limit(head) }
        guard head.framing != .empty else { return }
        phase = .body
        deadline.set(after: server.configuration.bodyDeadline)
    }

    private func respond() {
        guard let head else { return }
        let request = HTTPRequest(head: head, body: body, peer: stream.peer)
        body = []
        phase = .responding
        deadline.clear()
        if let response = server.immediate?(request) { return complete(response, to: request) }
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            let response = await server.responder(request)
            self.complete(response, to: request)
        }
    }

    private func complete(_ response: HTTPResponse, to request: HTTPRequest) {
        guard phase == .responding else { return }
        head = nil
        switch response.content {
        case .body:
            answer(response, to: request.head)
        case .takeOver(let owner):
            handOver = owner
        case .webSocket(let acceptance):
            do throws(HTTPRefusal) {
                let handshake = try WebSocketHandshake(request, acceptance: acceptance)
                handOver = { stream, rest in
                    stream.append { handshake.writeResponse(headers: response.headers, into: &$0) }
                    let socket = WebSocket(
                        stream, role: .server, subprotocol: handshake.subprotocol, limits: acceptance.limits)
                    acceptance.onOpen(socket)
                    rest.withUnsafeBufferPointer { socket.receive($0) }
                }
            } catch {
                refuse(error, to: request.head)
            }
        }
        if handOver != nil {
            finish()
            if !isParsing { giveRest(ByteView(start: nil, count: 0)) }
        } else if !isParsing {
            stream.flush()
            if phase == .idle { parseUnread() }
        }
    }

    /// Gives the stream to its new owner, with what came behind the request.
    private func giveRest(_ rest: ByteView) {
        guard let handOver else { return }
        self.handOver = nil
        let bytes = unread + rest
        unread = []
        stream.handler = nil
        stream.highWaterMark = 256 * 1024
        handOver(stream, bytes)
        if !peerHasEnded { stream.resumeReading() } else { stream.handler?(.end) }
    }

    private func answer(_ response: HTTPResponse, to head: HTTPRequestHead) {
        let keepsAlive = head.keepsAlive && !server.isDraining && (!peerHasEnded || !unread.isEmpty)
        stream.append { ResponseWriter.write(response, to: head, keepsAlive: keepsAlive, into: &$0) }
        if !keepsAlive { return closeAfterAnswer() }
        if stream.isCongested {
            phase = .congested
            unsentBytes = stream.bufferedBytes
            watchStalledWrite()
            server.congested(self)
        } else {
            becomeIdle()
        }
    }

    private func becomeIdle() {
        relieve()
        phase = .idle
        lastActive = Loop.now
        deadline.set(after: server.configuration.idleDeadline)
    }

    private func relieve() {
        server.relieved(of: unsentBytes)
        unsentBytes = 0
    }

    private func refuse(_ refusal: HTTPRefusal, to head: HTTPRequestHead? = nil) {
        let head = head ?? self.head
        var refusal = refusal
        refusal.head = head
        phase = .refusing
        deadline.clear()
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            var response = await server.refusal(refusal, stream.peer)
            guard phase == .refusing else { return }
            if refusal.status == 426 {
                response.headers["Upgrade"] = "websocket"
                response.headers["Sec-WebSocket-Version"] = "13"
            }
            stream.append { ResponseWriter.write(response, to: head, keepsAlive: false, into: &$0) }
            closeAfterAnswer()
        }
    }

    private func expire() {
        switch phase {
        case .head: refuse(HTTPRefusal(408, "the header fields did not arrive in time"))
        case .body: refuse(HTTPRefusal(408, "the body did not arrive in time"))
        case .idle: stream.bufferedBytes > 0 ? abort() : close()
        case .congested: stream.sentBytes == sentBytes ? abort() : watchStalledWrite()
        case .responding, .refusing, .closed: break
        }
    }

    private func watchStalledWrite() {
        sentBytes = stream.sentBytes
        deadline.set(after: server.configuration.stalledWriteDeadline)
    }

    private func closeAfterAnswer() {
        finish()
        stream.closeLingering(for: server.configuration.lingering)
    }

    private func close() {
        finish()
        stream.close()
    }

    private func finish() {
        guard phase != .closed else { return }
        phase = .closed
        relieve()
        deadline.end()
        server.remove(self)
    }
}
