extension JSON {
    /// The value that these bytes spell.
    ///
    /// - Parameter depthLimit: how many arrays and objects may be nested.
    /// - Throws: ``JSONSyntaxError`` unless they are exactly one JSON text of RFC 8259 in UTF-8 in which every object
    ///   names a member once and no string contains U+0000.
    package init(parsing bytes: [UInt8], depthLimit: Int = 64) throws(JSONSyntaxError) {
        try self.init(parsing: bytes[...], depthLimit: depthLimit)
    }

    /// The value that this part of a buffer spells; otherwise as for a whole array.
    package init(parsing bytes: ArraySlice<UInt8>, depthLimit: Int = 64) throws(JSONSyntaxError) {
        self = try bytes.withUnsafeBufferPointer { buffer throws(JSONSyntaxError) in
            try JSONParser.parse(buffer, depthLimit: depthLimit)
        }
    }

    /// The value that this text spells; otherwise as for bytes.
    package init(parsing text: String, depthLimit: Int = 64) throws(JSONSyntaxError) {
        try self.init(parsing: Array(text.utf8), depthLimit: depthLimit)
    }

    /// The compact JSON text in UTF-8: no white space, members in their order, only what must be escaped is.
    package func serialized() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512)
        append(to: &bytes)
        return bytes
    }

    /// The compact JSON text, as ``serialized()``.
    package var text: String { String(decoding: serialized(), as: UTF8.self) }

    /// Appends the compact JSON text to a buffer.
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: bytes.append(contentsOf: [0x6E, 0x75, 0x6C, 0x6C])
        case .bool(true): bytes.append(contentsOf: [0x74, 0x72, 0x75, 0x65])
        case .bool(false): bytes.append(contentsOf: [0x66, 0x61, 0x6C, 0x73, 0x65])
        case .number(let number): bytes.append(contentsOf: number.lexeme.utf8)
        case .string(let text): text.appendJSON(to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            var first = true
            for element in elements {
                if !first { bytes.append(UInt8(ascii: ",")) }
                first = false
                element.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object): object.append(to: &bytes)
        }
    }
}

extension JSONObject {
    /// Appends the compact JSON text to a buffer.
    package func append(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "{"))
        var first = true
        for member in members {
            if !first { bytes.append(UInt8(ascii: ",")) }
            first = false
            member.name.appendJSON(to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            member.value.append(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }
}

extension String {
    /// Appends the text as a JSON string, with its quotes, to a buffer.
    package func appendJSON(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var text = self
        text.withUTF8 { utf8 in
            var plain = 0
            for position in 0..<utf8.count where utf8[position].isEscapedInJSON {
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plain..<position]))
                utf8[position].appendEscaped(to: &bytes)
                plain = position + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[plain...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension UInt8 {
    fileprivate var isEscapedInJSON: Bool { self < 0x20 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\") }

    fileprivate func appendEscaped(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch self {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(self)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let hexadecimal = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: [0x75, 0x30, 0x30])
            bytes.append(hexadecimal[Int(self >> 4)])
            bytes.append(hexadecimal[Int(self & 15)])
        }
    }
}
