/// A bounded HTTP/1.1 response parser without I/O: feed bytes, take the head, pieces of the body, and the end.
struct HTTPResponseParser {
    struct Head: Sendable {
        let status: HTTPStatus
        let headers: HTTPHeaders
        let keepsAlive: Bool
    }

    enum Event {
        case head(Head)
        case body(Range<Int>)
        case end
    }

    private enum State {
        case head
        case length(Int)
        case chunked(ChunkedDecoder)
        case untilClose
        case end
    }

    private static let headLimit = 64 * 1024

    private let bodyLimit: Int
    private let isHead: Bool
    private var state = State.head
    private var pending: [UInt8] = []
    private var lineStart = 0
    private var bodyBytes = 0
    private(set) var hasBegun = false

    /// A parser for the answer to one request; `isHead` when that was a HEAD.
    init(isHead: Bool, bodyLimit: Int) {
        self.isHead = isHead
        self.bodyLimit = bodyLimit
    }

    /// True if the connection's end is the body's end.
    var endsWithConnection: Bool { if case .untilClose = state { true } else { false } }

    /// The next event; nil when the input is used up.
    mutating func next(_ input: ByteView, consumed: inout Int) throws(HTTPRefusal) -> Event? {
        consumed = 0
        switch state {
        case .head:
            return try readHead(input, &consumed)
        case .length(let remaining):
            guard !input.isEmpty else { return nil }
            consumed = min(remaining, input.count)
            state = consumed == remaining ? .end : .length(remaining - consumed)
            return try body(0..<consumed)
        case .chunked(var decoder):
            state = .end
            guard let piece = try decoder.next(input, consumed: &consumed) else {
                state = .chunked(decoder)
                return nil
            }
            guard case .data(let range) = piece else { return .end }
            state = .chunked(decoder)
            return try body(range)
        case .untilClose:
            guard !input.isEmpty else { return nil }
            consumed = input.count
            return try body(0..<consumed)
        case .end:
            return .end
        }
    }

    private mutating func body(_ range: Range<Int>) throws(HTTPRefusal) -> Event {
        bodyBytes += range.count
        guard bodyBytes <= bodyLimit else { throw .bodyTooLarge }
        return .body(range)
    }

    private mutating func readHead(_ input: ByteView, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
        for index in 0..<input.count {
            hasBegun = true
            pending.append(input[index])
            guard pending.count <= Self.headLimit else { throw .headerTooLarge }
            guard input[index] == 0x0a else { continue }
            guard pending.count >= 2, pending[pending.count - 2] == 0x0d else {
                throw .malformed("a line does not end in CR LF")
            }
            let isEmpty = pending.count - lineStart == 2
            lineStart = pending.count
            guard isEmpty else { continue }
            consumed = index + 1
            let bytes = pending
            pending = []
            lineStart = 0
            let head = try bytes.withUnsafeBufferPointer { view throws(HTTPRefusal) in try parse(view, bytes) }
            return .head(head)
        }
        consumed = input.count
        return nil
    }

    private mutating func parse(_ view: ByteView, _ bytes: [UInt8]) throws(HTTPRefusal) -> Head {
        var lines = [Range<Int>]()
        var start = 0
        for index in 0..<view.count where view[index] == 0x0a {
            lines.append(start..<index - 1)
            start = index + 1
        }
        let statusLine = view.view(lines[0].lowerBound, lines[0].upperBound)
        guard statusLine.count >= 12, statusLine.view(0, 7).elementsEqual("HTTP/1.".utf8), statusLine[8] == 0x20,
            statusLine.view(9, 12).allSatisfy(\.isDigit), statusLine.count == 12 || statusLine[12] == 0x20
        else { throw .malformed("the status line is not valid") }
        let status = statusLine.view(9, 12).reduce(0) { $0 * 10 + Int($1 - 0x30) }
        guard status >= 100 else { throw .malformed("the status line is not valid") }
        var framing = MessageFraming()
        var fields: [HTTPHeaders.Field] = []
        for line in lines.dropFirst().dropLast() {
            let field = try FieldLine.parse(view, line.lowerBound, line.upperBound)
            fields.append(field)
            try framing.note(view, field)
        }
        let code = HTTPStatus(rawValue: status)
        try setBody(code, framing)
        let keeps = framing.keepsAlive(isHTTP10: statusLine[7] == UInt8(ascii: "0")) && !endsWithConnection
        return Head(status: code, headers: HTTPHeaders(bytes: bytes, fields: fields), keepsAlive: keeps)
    }

    private mutating func setBody(_ status: HTTPStatus, _ framing: MessageFraming) throws(HTTPRefusal) {
        if status.rawValue < 200, status != 101 {
            state = .head
        } else if isHead || status.forbidsBody {
            state = .end
        } else {
            switch try framing.response() {
            case .empty, .length(0): state = .end
            case .length(let length): state = .length(length)
            case .chunked: state = .chunked(ChunkedDecoder())
            case nil: state = .untilClose
            }
        }
    }
}
