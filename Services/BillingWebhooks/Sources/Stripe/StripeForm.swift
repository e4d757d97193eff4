/// Parameters as Stripe takes them: names with brackets, percent-encoded (application/x-www-form-urlencoded).
struct StripeForm: Sendable, ExpressibleByDictionaryLiteral {
    private let parameters: [(name: String, value: String)]

    init(dictionaryLiteral parameters: (String, String)...) {
        self.parameters = parameters.map { ($0.0, $0.1) }
    }

    var isEmpty: Bool { parameters.isEmpty }

    var text: String {
        parameters.map { "\(Self.encoded($0.name))=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    static func encoded(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return encoded
    }
}
