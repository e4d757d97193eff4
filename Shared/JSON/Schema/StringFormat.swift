/// A shape that a string must have, told apart by a predicate and described to readers of the OpenAPI document.
package struct StringFormat: Sendable {
    /// The registered formats of JSON Schema of which it is one or the other; empty if there are none.
    package let names: [String]
    /// The shape as a regular expression, for documentation only; the predicate decides.
    package let pattern: String?
    /// How a message ends: `must be …`.
    package let expectation: String
    /// Whether a string has the shape.
    package let accepts: @Sendable (String) -> Bool

    /// A format with its predicate.
    package init(
        names: [String] = [], pattern: String? = nil, expectation: String,
        accepts: @escaping @Sendable (String) -> Bool
    ) {
        self.names = names
        self.pattern = pattern
        self.expectation = expectation
        self.accepts = accepts
    }
}

extension StringFormat {
    /// An e-mail address as RFC 5321 delivers it: one `@`, at most 254 ASCII characters, a domain with a dot.
    package static let email = StringFormat(names: ["email"], expectation: "a valid email address") { text in
        let parts = text.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, (1...64).contains(parts[0].count) else { return false }
        let local = parts[0].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let labels = parts[1].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let atom = Set("!#$%&'*+-/=?^_`{|}~".utf8)
        return local.allSatisfy { !$0.isEmpty && $0.allSatisfy { $0.isAlphanumeric || atom.contains($0) } }
            && labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.count) && label.first != UInt8(ascii: "-") && label.last != UInt8(ascii: "-")
                    && label.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "-") }
            }
    }

    /// A date or a date-time of RFC 3339; the offset may be left out.
    package static let dateTime = StringFormat(
        names: ["date-time", "date"], expectation: "an ISO 8601 date or date-time",
        accepts: { RFC3339.milliseconds(from: $0) != nil })

    /// A date-time of RFC 3339 as this system writes it: UTC, with milliseconds.
    package static let timestamp = StringFormat(
        names: ["date-time"], expectation: "an ISO 8601 date-time in UTC with milliseconds",
        accepts: { text in RFC3339.milliseconds(from: text).map(RFC3339.text(milliseconds:)) == text })

    /// RFC 4648 base 64, not empty; the padding may be left out, as many encoders do.
    package static let base64 = StringFormat(
        pattern: "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{4}|[A-Za-z0-9+/]{2}(==)?|[A-Za-z0-9+/]{3}=?)$",
        expectation: "base64 encoded"
    ) { text in
        let digits = text.utf8.prefix { $0.isAlphanumeric || $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "/") }
        let padding = text.utf8.dropFirst(digits.count)
        return !digits.isEmpty && digits.count % 4 != 1 && padding.allSatisfy { $0 == UInt8(ascii: "=") }
            && (padding.isEmpty || padding.count <= 2 && text.utf8.count % 4 == 0)
    }

    /// An even, positive number of hexadecimal digits.
    package static let hexadecimal = StringFormat(
        pattern: "^([0-9A-Fa-f]{2})+$", expectation: "an even number of hexadecimal digits"
    ) { text in
        !text.isEmpty && text.utf8.count % 2 == 0 && text.utf8.allSatisfy(\.isHexadecimalDigit)
    }

    /// An absolute `http` or `https` URL of at most 2048 characters.
    package static let webAddress = StringFormat(
        names: ["uri"], pattern: "^https?://[A-Za-z0-9\\[]", expectation: "an absolute http or https URL"
    ) { text in
        let schemes = ["https://", "http://"]
        guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }), text.utf8.count <= 2048 else {
            return false
        }
        let rest = text.utf8.dropFirst(scheme.utf8.count)
        return rest.first.map { $0.isAlphanumeric || $0 == UInt8(ascii: "[") } == true
            && rest.allSatisfy { $0 > 0x20 && $0 < 0x7F && !#""<>\^`{|}"#.utf8.contains($0) }
    }

    /// A telephone number of ITU-T E.164.
    package static let telephone = StringFormat(
        pattern: "^\\+[1-9]\\d{1,14}$", expectation: "a telephone number such as +40712345678"
    ) { text in
        let digits = text.utf8.dropFirst()
        return text.utf8.first == UInt8(ascii: "+") && digits.first != UInt8(ascii: "0")
            && (2...15).contains(digits.count) && digits.allSatisfy(\.isDigit)
    }
}

extension UInt8 {
    /// Whether this is an ASCII digit.
    package var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    /// Whether this is an ASCII letter or digit.
    package var isAlphanumeric: Bool { isDigit || (self | 0x20) &- UInt8(ascii: "a") < 26 }
    /// Whether this is an ASCII hexadecimal digit of either case.
    package var isHexadecimalDigit: Bool { isDigit || (self | 0x20) &- UInt8(ascii: "a") < 6 }
}
