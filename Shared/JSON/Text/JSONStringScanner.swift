/// Reads the rest of a JSON string whose opening quote has been passed.
struct JSONStringScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position: Int
    private var seen: UInt8 = 0

    init(bytes: UnsafeBufferPointer<UInt8>, position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func scan() throws(JSONSyntaxError) -> String {
        let start = position
        try skipPlain()
        if bytes[position] == UInt8(ascii: "\"") {
            position += 1
            let plain = UnsafeBufferPointer(rebasing: bytes[start..<position - 1])
            // Validation is generic code of the standard library and dear; most strings do not need it.
            return seen < 0x80 ? String(decoding: plain, as: UTF8.self) : try text(plain, from: start)
        }
        return try scanEscaped(from: start)
    }

    private mutating func skipPlain() throws(JSONSyntaxError) {
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return }
            guard byte >= 0x20 else { throw error(.controlCharacter) }
            seen |= byte
            position += 1
        }
        throw error(.unexpectedEnd)
    }

    private mutating func scanEscaped(from start: Int) throws(JSONSyntaxError) -> String {
        var unescaped = Array(bytes[start..<position])
        while bytes[position] != UInt8(ascii: "\"") {
            position += 1
            try appendEscape(to: &unescaped)
            let plain = position
            try skipPlain()
            unescaped.append(contentsOf: bytes[plain..<position])
        }
        position += 1
        return try text(unescaped, from: start)
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONSyntaxError) {
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: try unicodeScalar().utf8)
        default: throw error(.invalidEscape)
        }
    }

    private mutating func unicodeScalar() throws(JSONSyntaxError) -> Unicode.Scalar {
        let unit = try codeUnit()
        guard unit != 0 else { throw error(.nulCharacter) }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw error(.invalidEscape) }
        position += 2
        let trail = try codeUnit()
        guard UTF16.isTrailSurrogate(trail) else { throw error(.invalidEscape) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    private mutating func codeUnit() throws(JSONSyntaxError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw error(.unexpectedEnd) }
        var unit: UInt16 = 0
        for offset in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position + offset])).hexDigitValue else {
                throw error(.invalidEscape)
            }
            unit = unit << 4 | UInt16(digit)
        }
        position += 4
        return unit
    }

    private func text(_ utf8: some Collection<UInt8>, from start: Int) throws(JSONSyntaxError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw JSONSyntaxError(reason: .invalidUTF8, offset: start)
        }
        return text
    }

    private func error(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: position)
    }
}
