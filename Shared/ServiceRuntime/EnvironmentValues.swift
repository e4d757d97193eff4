import Crypto

extension EnvironmentReader {
    /// A text that must be set.
    package mutating func string(_ name: String) -> String { required(name, placeholder: "", as: "text") { $0 } }

    /// A text, or `standard`.
    package mutating func string(_ name: String, default standard: String) -> String {
        value(name, default: standard, as: "text") { $0 }
    }

    /// A text that may be left out.
    package mutating func optionalString(_ name: String) -> String? { optional(name, as: "text") { $0 } }

    /// A secret that must be set, of at least `minimumBytes` bytes (32 for signing keys).
    package mutating func secret(_ name: String, minimumBytes: Int = 1) -> Secret {
        required(name, placeholder: Secret(""), as: "at least \(minimumBytes) bytes long") { text in
            text.utf8.count >= minimumBytes ? Secret(text) : nil
        }
    }

    /// A secret that may be left out.
    package mutating func optionalSecret(_ name: String) -> Secret? { optional(name, as: "text") { Secret($0) } }

    /// One or two secrets, comma-separated, of at least `minimumBytes` bytes each: the current one and, during a
    /// rotation, the previous one.
    package mutating func rotatingSecret(_ name: String, minimumBytes: Int = 32) -> (current: Secret, previous: Secret?)
    {
        let form = "one or two secrets of at least \(minimumBytes) bytes, separated by a comma"
        return required(name, placeholder: (Secret(""), nil), as: form) { text in
            let parts = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard parts.count <= 2, parts.allSatisfy({ $0.utf8.count >= minimumBytes }) else { return nil }
            return (Secret(parts[0]), parts.count == 2 ? Secret(parts[1]) : nil)
        }
    }

    /// The keys of a ``rotatingSecret(_:minimumBytes:)``, to sign and verify with.
    package mutating func signingKeys(_ name: String) -> SigningKeys {
        let secrets = rotatingSecret(name)
        return SigningKeys(current: secrets.current.bytes, previous: secrets.previous?.bytes)
    }

    /// A whole number within `range`, or `standard`.
    package mutating func integer(_ name: String, default standard: Int, in range: ClosedRange<Int>) -> Int {
        value(name, default: standard, as: "a whole number from \(range.lowerBound) to \(range.upperBound)") { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A TCP port, or `standard`; 0 lets the system choose.
    package mutating func port(_ name: String, default standard: Int) -> Int {
        integer(name, default: standard, in: 0...65535)
    }

    /// `true` or `false`, or `standard`.
    package mutating func flag(_ name: String, default standard: Bool) -> Bool {
        value(name, default: standard, as: "true or false") { Bool($0) }
    }

    /// A comma-separated list without empty members; empty if not set.
    package mutating func list(_ name: String) -> [String] {
        value(name, default: [], as: "a comma-separated list without empty members") { text in
            let members = text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingSpaces }
            return members.contains("") ? nil : members
        }
    }

    /// A positive duration such as `250ms`, `30s`, `10m`, `24h`, or `standard`; a bare number is seconds.
    package mutating func duration(_ name: String, default standard: Duration) -> Duration {
        value(name, default: standard, as: "a positive duration such as 250ms, 30s, 10m or 24h") { Duration(text: $0) }
    }

    /// A limit such as `150/600` (150 in 600 seconds), or `standard`.
    package mutating func rateLimit(_ name: String, default standard: RateLimit) -> RateLimit {
        value(name, default: standard, as: "a limit such as 150/600 (count/seconds)") { RateLimit(text: $0) }
    }
}

/// How many of something are allowed within a window of time.
package struct RateLimit: Sendable, Equatable {
    /// How many; at least 1.
    package let count: Int
    /// Within how long; at least a second.
    package let window: Duration

    /// A limit of `count` in `window`.
    package init(count: Int, window: Duration) {
        self.count = count
        self.window = window
    }

    init?(text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let count = parts[0], let seconds = parts[1] else { return nil }
        guard (1...1_000_000_000).contains(count), (1...86_400 * 31).contains(seconds) else { return nil }
        self.init(count: count, window: .seconds(seconds))
    }
}

extension Duration {
    fileprivate init?(text: String) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), (1...1_000_000_000).contains(number) else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": self = .milliseconds(number)
        case "", "s": self = .seconds(number)
        case "m": self = .seconds(number * 60)
        case "h": self = .seconds(number * 3600)
        default: return nil
        }
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
