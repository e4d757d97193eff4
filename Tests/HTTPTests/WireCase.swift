import Testing

/// Bytes and what must become of them.
struct WireCase: Sendable, CustomTestStringConvertible {
    let bytes: [UInt8]
    let answer: String

    init(_ text: String, _ answer: String) {
        bytes = Array(text.utf8)
        self.answer = answer
    }

    var testDescription: String {
        "\(String(decoding: bytes.prefix(120), as: UTF8.self).debugDescription) → \(answer)"
    }
}
