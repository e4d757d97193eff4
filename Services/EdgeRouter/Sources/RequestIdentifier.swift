import Crypto
import EventLoop
import HTTP

/// The id under which a request is found in every log: the client's own, if it is fit to be written anywhere, or a new one.
@Loop enum RequestIdentifier {
    private nonisolated static let longest = 128
    private static var randomness: [UInt8] = []

    static func of(_ headers: HTTPHeaders) -> String {
        if let given = headers["x-request-id"], isAcceptable(given) { return given }
        return mint()
    }

    /// 1 to 128 printable ASCII characters.
    nonisolated static func isAcceptable(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            !bytes.isEmpty && bytes.count <= longest && bytes.allSatisfy { $0 >= 0x20 && $0 < 0x7f }
        }
    }

    /// A random UUID (RFC 9562, version 4); one call of the generator serves 256 of them.
    static func mint() -> String {
        if randomness.isEmpty { randomness = Random.bytes(256 * 16) }
        let start = randomness.count - 16
        let identifier = String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for index in 0..<16 {
                var byte = randomness[start + index]
                if index == 6 { byte = byte & 0x0f | 0x40 }
                if index == 8 { byte = byte & 0x3f | 0x80 }
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                text[position] = digit(byte >> 4)
                text[position + 1] = digit(byte & 15)
                position += 2
            }
            return position
        }
        randomness.removeLast(16)
        return identifier
    }

    private nonisolated static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
