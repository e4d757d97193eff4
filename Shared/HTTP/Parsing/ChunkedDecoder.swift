/// Decodes the chunked transfer coding (RFC 9112 §7.1) incrementally; extensions and trailers are checked, bounded and
/// dropped.
struct ChunkedDecoder {
    enum Piece {
        /// A range of the input that belongs to the body.
        case data(Range<Int>)
        case end
    }

    private enum State {
        case size(digits: Int, value: Int)
        case sizeExtension
        case sizeLineFeed
        case data(remaining: Int)
        case dataReturn
        case dataLineFeed
        case trailer
        case done
    }

    /// Bytes that carry no body (extensions and trailers) in one message.
    private static let overheadLimit = 8 * 1024

    private var state = State.size(digits: 0, value: 0)
    private var chunk = 0
    private var overhead = 0
    private var trailerLine: [UInt8] = []

    /// The next piece; nil when all input is consumed and more is needed.
    mutating func next(_ input: ByteView, consumed: inout Int) throws(HTTPRefusal) -> Piece? {
        var index = 0
        defer { consumed = index }
        while index < input.count {
            let byte = input[index]
            switch state {
            case .data(let remaining):
                let end = min(input.count, index + remaining)
                let range = index..<end
                state = end - index == remaining ? .dataReturn : .data(remaining: remaining - (end - index))
                index = end
                return .data(range)
            case .size(let digits, let value):
                try readSize(byte, digits, value)
            case .sizeExtension:
                try addOverhead()
                if byte == 0x0d {
                    state = .sizeLineFeed
                } else if !byte.isFieldContent {
                    throw .malformed("a chunk extension has a control character")
                }
            case .sizeLineFeed:
                guard byte == 0x0a else { throw .malformed("a chunk's size line does not end in CR LF") }
                state = chunk == 0 ? .trailer : .data(remaining: chunk)
            case .dataReturn:
                guard byte == 0x0d else { throw .malformed("a chunk is longer than its size") }
                state = .dataLineFeed
            case .dataLineFeed:
                guard byte == 0x0a else { throw .malformed("a chunk does not end in CR LF") }
                state = .size(digits: 0, value: 0)
            case .trailer:
                if try readTrailer(byte) {
                    state = .done
                    index += 1
                    return .end
                }
            case .done:
                return .end
            }
            index += 1
        }
        return nil
    }

    private mutating func readSize(_ byte: UInt8, _ digits: Int, _ value: Int) throws(HTTPRefusal) {
        if let digit = byte.hexValue {
            // Fifteen digits fit an Int; more are nobody's chunk.
            guard digits < 15 else { throw .malformed("a chunk's size is too long") }
            state = .size(digits: digits + 1, value: value << 4 | Int(digit))
            return
        }
        guard digits > 0, byte == 0x0d || byte == UInt8(ascii: ";") else {
            throw .malformed("a chunk's size is not hexadecimal")
        }
        chunk = value
        state = byte == 0x0d ? .sizeLineFeed : .sizeExtension
    }

    /// True at the empty line that ends the message.
    private mutating func readTrailer(_ byte: UInt8) throws(HTTPRefusal) -> Bool {
        guard byte == 0x0a else {
            try addOverhead()
            trailerLine.append(byte)
            return false
        }
        guard trailerLine.last == 0x0d else { throw .malformed("a trailer line does not end in CR LF") }
        let line = trailerLine
        trailerLine = []
        if line.count == 1 { return true }
        try line.withUnsafeBufferPointer { bytes throws(HTTPRefusal) in
            _ = try FieldLine.parse(bytes, 0, bytes.count - 1)
        }
        return false
    }

    private mutating func addOverhead() throws(HTTPRefusal) {
        overhead += 1
        if overhead > Self.overheadLimit { throw HTTPRefusal.malformed("chunk extensions or trailers are too long") }
    }
}
