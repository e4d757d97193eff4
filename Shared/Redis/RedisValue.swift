import CHiredis

/// A reply of Redis (RESP2); strings are bytes, whatever they hold.
package enum RedisValue: Sendable, Equatable {
    /// Nothing is there.
    case null
    /// A number.
    case integer(Int64)
    /// A string of any bytes.
    case bytes([UInt8])
    /// A short fixed text, such as `OK`.
    case status(String)
    /// Several replies in one.
    case array([RedisValue])
    /// An error inside an array; an error as the whole reply is thrown as ``RedisError/refused(_:)``.
    case error(String)

    /// The number, also where Redis sends it as a string; nil for everything else.
    package var integer: Int64? {
        switch self {
        case .integer(let number): number
        case .bytes, .status: string.flatMap { Int64($0) }
        default: nil
        }
    }

    /// The bytes of a string or status; nil for everything else.
    package var bytes: [UInt8]? {
        switch self {
        case .bytes(let bytes): bytes
        case .status(let text): Array(text.utf8)
        default: nil
        }
    }

    /// The text of a string or status; nil for everything else and for bytes that are not UTF-8.
    package var string: String? {
        switch self {
        case .bytes(let bytes): String(validating: bytes, as: UTF8.self)
        case .status(let text): text
        default: nil
        }
    }

    /// The elements of an array; nil for everything else.
    package var array: [RedisValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    init(_ reply: UnsafePointer<redisReply>) {
        switch reply.pointee.type {
        case REDIS_REPLY_INTEGER:
            self = .integer(reply.pointee.integer)
        case REDIS_REPLY_STRING:
            self = .bytes(Array(reply.bytes))
        case REDIS_REPLY_STATUS:
            self = .status(String(decoding: reply.bytes, as: UTF8.self))
        case REDIS_REPLY_ERROR:
            self = .error(String(decoding: reply.bytes, as: UTF8.self))
        case REDIS_REPLY_ARRAY:
            self = .array(
                (0..<reply.pointee.elements).map { index in
                    reply.pointee.element[index].map { RedisValue($0) } ?? .null
                })
        default:
            self = .null
        }
    }
}

extension UnsafePointer<redisReply> {
    /// The bytes of a string, status or error, valid while the reply is.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: pointee.str, count: pointee.str == nil ? 0 : pointee.len)
    }
}
