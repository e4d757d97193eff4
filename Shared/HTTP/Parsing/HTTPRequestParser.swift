/// A strict HTTP/1.1 request parser without I/O (RFC 9112): feed bytes chopped in any way, take events.
///
/// Everything that two implementations could read differently is refused. After a refusal the connection is of no use.
package struct HTTPRequestParser {
    /// What the bytes turn out to be.
    package enum Event {
        /// The head is complete. The body limit may be set until the next call.
        case head(HTTPRequestHead)
        /// A range of the given input that belongs to the body.
        case body(Range<Int>)
        /// The request is complete; the next one may follow.
        case end
        /// The bytes are no request that can be served; the parser repeats this for ever.
        case refused(HTTPRefusal)
    }

    private enum State {
        case head
        case framing(HTTPRequestHead.Framing)
        case length(Int)
        case chunked(ChunkedDecoder)
        case end
        case refused(HTTPRefusal)
    }

    /// Bytes of body that the request in progress may have; back to the limit given at creation with each request.
    package var bodyLimit: Int

    private let limits: HTTPParserLimits
    private var state = State.head
    private var headParser: RequestHeadParser
    private var bodyBytes = 0

    /// A parser at the start of a connection.
    package init(limits: HTTPParserLimits = HTTPParserLimits()) {
        self.limits = limits
        bodyLimit = limits.bodyBytes
        headParser = RequestHeadParser(limits: limits)
    }

    /// True between requests, when not a byte of the next has been seen.
    package var isIdle: Bool {
        if case .head = state { !headParser.hasBegun } else { false }
    }

    /// The next event in `input`, and how many bytes of it were used up to there. Call again with the rest until it
    /// returns nil: then all of the input is used, and more is needed.
    package mutating func next(_ input: ByteView, consumed: inout Int) -> Event? {
        consumed = 0
        do throws(HTTPRefusal) {
            return try advance(input, &consumed)
        } catch {
            state = .refused(error)
            return .refused(error)
        }
    }

    private mutating func advance(_ input: ByteView, _ consumed: inout Int) throws(HTTPRefusal) -> Event? {
        if case .framing(let framing) = state { try begin(framing) }
        switch state {
        case .head:
            guard !input.isEmpty, let head = try headParser.next(input, consumed: &consumed) else { return nil }
            bodyLimit = limits.bodyBytes
            state = .framing(head.framing)
            return .head(head)
        case .length(let remaining):
            guard !input.isEmpty else { return nil }
            consumed = min(remaining, input.count)
            state = consumed == remaining ? .end : .length(remaining - consumed)
            return .body(0..<consumed)
        case .chunked(var decoder):
            // The state is emptied first, so that the decoder's buffer has one owner.
            state = .end
            let piece = try decoder.next(input, consumed: &consumed)
            guard let piece else {
                state = .chunked(decoder)
                return nil
            }
            guard case .data(let range) = piece else { return finish() }
            bodyBytes += range.count
            guard bodyBytes <= bodyLimit else { throw .bodyTooLarge }
            state = .chunked(decoder)
            return .body(range)
        case .framing, .end:
            return finish()
        case .refused(let refusal):
            return .refused(refusal)
        }
    }

    private mutating func begin(_ framing: HTTPRequestHead.Framing) throws(HTTPRefusal) {
        bodyBytes = 0
        switch framing {
        case .empty, .length(0):
            state = .end
        case .length(let length):
            guard length <= bodyLimit else { throw .bodyTooLarge }
            state = .length(length)
        case .chunked:
            state = .chunked(ChunkedDecoder())
        }
    }

    private mutating func finish() -> Event {
        state = .head
        return .end
    }
}
