/// Reads one JSON text of RFC 8259, strictly: validated UTF-8, bounded depth, no duplicate names, nothing after the value.
struct JSONParser {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0
    private var remainingDepth: Int

    private init(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) {
        self.bytes = bytes
        remainingDepth = depthLimit
    }

    static func parse(_ bytes: UnsafeBufferPointer<UInt8>, depthLimit: Int) throws(JSONSyntaxError) -> JSON {
        var parser = JSONParser(bytes, depthLimit: depthLimit)
        let value = try parser.value()
        parser.skipWhitespace()
        guard parser.position == bytes.count else { throw parser.error(.trailingBytes) }
        return value
    }

    private func error(_ reason: JSONSyntaxError.Reason) -> JSONSyntaxError {
        JSONSyntaxError(reason: reason, offset: position)
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private func current() throws(JSONSyntaxError) -> UInt8 {
        guard position < bytes.count else { throw error(.unexpectedEnd) }
        return bytes[position]
    }

    private mutating func value() throws(JSONSyntaxError) -> JSON {
        skipWhitespace()
        switch try current() {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .object(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: throw error(.unexpectedByte)
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONSyntaxError) -> JSON {
        for offset in 0..<text.utf8CodeUnitCount {
            guard try current() == text.utf8Start[offset] else { throw error(.unexpectedByte) }
            position += 1
        }
        return value
    }

    private mutating func enter() throws(JSONSyntaxError) {
        guard remainingDepth > 0 else { throw error(.tooDeep) }
        remainingDepth -= 1
        position += 1
        skipWhitespace()
    }

    private mutating func object() throws(JSONSyntaxError) -> JSONObject {
        try enter()
        defer { remainingDepth += 1 }
        var object = JSONObject()
        if try current() == UInt8(ascii: "}") {
            position += 1
            return object
        }
        while true {
            skipWhitespace()
            guard try current() == UInt8(ascii: "\"") else { throw error(.unexpectedByte) }
            let start = position
            let name = try string()
            skipWhitespace()
            guard try current() == UInt8(ascii: ":") else { throw error(.unexpectedByte) }
            position += 1
            let value = try value()
            guard object.insert(name, value) else { throw JSONSyntaxError(reason: .duplicateName, offset: start) }
            guard try continues(before: UInt8(ascii: "}")) else { return object }
        }
    }

    private mutating func array() throws(JSONSyntaxError) -> [JSON] {
        try enter()
        defer { remainingDepth += 1 }
        var elements: [JSON] = []
        if try current() == UInt8(ascii: "]") {
            position += 1
            return elements
        }
        while true {
            elements.append(try value())
            guard try continues(before: UInt8(ascii: "]")) else { return elements }
        }
    }

    private mutating func continues(before end: UInt8) throws(JSONSyntaxError) -> Bool {
        skipWhitespace()
        let byte = try current()
        guard byte == end || byte == UInt8(ascii: ",") else { throw error(.unexpectedByte) }
        position += 1
        return byte != end
    }

    private mutating func number() throws(JSONSyntaxError) -> JSONNumber {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let leadingZero = position < bytes.count && bytes[position] == UInt8(ascii: "0")
        let integerDigits = digits()
        guard integerDigits > 0, !(leadingZero && integerDigits > 1) else { throw error(.invalidNumber) }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            guard digits() > 0 else { throw error(.invalidNumber) }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard digits() > 0 else { throw error(.invalidNumber) }
        }
        let lexeme = UnsafeBufferPointer(rebasing: bytes[start..<position])
        return JSONNumber(checked: String(decoding: lexeme, as: UTF8.self))
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    private mutating func string() throws(JSONSyntaxError) -> String {
        var scanner = JSONStringScanner(bytes: bytes, position: position + 1)
        defer { position = scanner.position }
        return try scanner.scan()
    }
}
