import Glibc

/// Parses a request's head line by line, straight out of the input when it arrives whole.
struct RequestHeadParser {
    let limits: HTTPParserLimits
    private var pending: [UInt8] = []
    private var scanned = 0
    private var lineStart = 0
    private var headerStart = 0
    private var requestLine: RequestLine?
    private var fields: [HTTPHeaders.Field] = []
    private var framing = MessageFraming()

    init(limits: HTTPParserLimits) { self.limits = limits }

    /// True once anything of a head has arrived.
    var hasBegun: Bool { !pending.isEmpty }

    /// Takes bytes of a head; nil when it needs more, having consumed all.
    mutating func next(_ input: ByteView, consumed: inout Int) throws(HTTPRefusal) -> HTTPRequestHead? {
        if pending.isEmpty {
            if let end = try parse(input) {
                consumed = end
                return try finish(Array(input.view(0, end)))
            }
            pending = Array(input.view(lineStartAfterEmptyLines(), input.count))
            consumed = input.count
            return nil
        }
        let known = pending.count
        let room = limits.requestLineBytes + limits.headerBytes + 8 - known
        pending.append(contentsOf: input.view(0, min(input.count, max(room, 1))))
        let bytes = pending
        let end = try bytes.withUnsafeBufferPointer { view throws(HTTPRefusal) in try parse(view) }
        guard let end else {
            consumed = pending.count - known
            pending.removeFirst(lineStartAfterEmptyLines())
            return nil
        }
        consumed = end - known
        pending = []
        return try finish(Array(bytes[..<end]))
    }

    /// Goes on where the last call stopped; the end of the head if it is in `bytes`.
    private mutating func parse(_ bytes: ByteView) throws(HTTPRefusal) -> Int? {
        while true {
            guard let lineFeed = lineFeed(in: bytes) else {
                scanned = bytes.count
                try checkUnfinished(bytes)
                return nil
            }
            try checkLength(lineFeed + 1)
            guard lineFeed > lineStart, bytes[lineFeed - 1] == 0x0d else {
                throw .malformed("a line does not end in CR LF")
            }
            let start = lineStart
            lineStart = lineFeed + 1
            scanned = lineStart
            if requestLine == nil {
                // Empty lines before a request are ignored (RFC 9112 §2.2).
                if lineFeed - 1 == start { continue }
                requestLine = try RequestLine(bytes, start, lineFeed - 1, limits: limits)
                headerStart = lineStart
            } else if lineFeed - 1 == start {
                return lineStart
            } else {
                let field = try FieldLine.parse(bytes, start, lineFeed - 1)
                guard fields.count < limits.headerFields else { throw .headerTooLarge }
                if fields.isEmpty { fields.reserveCapacity(8) }
                fields.append(field)
                try framing.note(bytes, field)
            }
        }
    }

    /// Where the request line begins, if it has not ended yet; from now on what precedes it counts for nothing, so that
    /// any number of empty lines takes no memory and leaves the connection idle.
    private mutating func lineStartAfterEmptyLines() -> Int {
        guard requestLine == nil else { return 0 }
        defer {
            scanned -= lineStart
            lineStart = 0
        }
        return lineStart
    }

    private func lineFeed(in bytes: ByteView) -> Int? {
        guard scanned < bytes.count, let base = bytes.baseAddress,
            let found = memchr(base + scanned, 0x0a, bytes.count - scanned)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Refuses what can no longer become a head, instead of waiting for a line feed that may never come.
    private func checkUnfinished(_ bytes: ByteView) throws(HTTPRefusal) {
        guard lineStart < bytes.count else { return }
        if requestLine == nil, bytes[lineStart] != 0x0d, !ByteClass.token.contains(bytes[lineStart]) {
            throw .malformed("the method is not a token")
        }
        if requestLine == nil, bytes.count - lineStart > limits.requestLineBytes {
            let method = bytes.view(lineStart, lineStart + RequestLine.longestMethod + 1)
            throw method.contains(0x20) ? .targetTooLong : .malformed("the method is not a token")
        }
        try checkLength(bytes.count)
    }

    private func checkLength(_ end: Int) throws(HTTPRefusal) {
        if requestLine != nil, end - headerStart > limits.headerBytes { throw .headerTooLarge }
    }

    private mutating func finish(_ bytes: [UInt8]) throws(HTTPRefusal) -> HTTPRequestHead {
        guard let line = requestLine else { throw .malformed("the request line is missing") }
        let head = HTTPRequestHead(
            method: HTTPMethod(rawValue: String(decoding: bytes[line.method], as: UTF8.self)),
            headers: HTTPHeaders(bytes: bytes, fields: fields),
            framing: try framing.request(isHTTP10: line.isHTTP10),
            isHTTP10: line.isHTTP10,
            keepsAlive: framing.keepsAlive(isHTTP10: line.isHTTP10),
            expectsContinue: framing.expectsContinue && !line.isHTTP10,
            asksForUpgrade: framing.asksForUpgrade,
            targetRange: line.target, pathRange: line.path, queryRange: line.query)
        self = RequestHeadParser(limits: limits)
        return head
    }
}
