/// One word of a command; any bytes are allowed.
package enum RedisArgument: Sendable, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral {
    /// A text, sent as UTF-8.
    case string(String)
    /// Bytes, sent as they are.
    case bytes([UInt8])
    /// A number, sent in decimal.
    case integer(Int64)

    /// A text.
    package init(stringLiteral value: String) { self = .string(value) }
    /// A number.
    package init(integerLiteral value: Int64) { self = .integer(value) }
}

extension [UInt8] {
    /// Appends a command in Redis' wire format.
    mutating func append(command arguments: [RedisArgument]) {
        append(mark: "*", arguments.count)
        for argument in arguments {
            switch argument {
            case .string(var text):
                text.withUTF8 { append(bulk: $0) }
            case .bytes(let bytes):
                bytes.withUnsafeBufferPointer { append(bulk: $0) }
            case .integer(let number):
                var text = String(number)
                text.withUTF8 { append(bulk: $0) }
            }
        }
    }

    private mutating func append(bulk bytes: UnsafeBufferPointer<UInt8>) {
        append(mark: "$", bytes.count)
        append(contentsOf: bytes)
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }

    private mutating func append(mark: Unicode.Scalar, _ count: Int) {
        append(UInt8(ascii: mark))
        var divisor = 1
        while count / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(count / divisor % 10))
            divisor /= 10
        }
        append(UInt8(ascii: "\r"))
        append(UInt8(ascii: "\n"))
    }
}
