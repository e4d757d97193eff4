import COpenSSL

/// Randomness fit for secrets, from OpenSSL's generator.
package enum Random {
    /// `count` unpredictable bytes. Ends the process if the machine has no entropy: guessable secrets are worse.
    package static func bytes(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
            precondition(RAND_bytes(output.baseAddress, Int32(count)) == 1, "the machine has no randomness")
            initialized = count
        }
    }

    /// `prefix`, an underscore, and 100 random bits as 20 characters of `0-9a-z` without i, l, o, u.
    package static func identifier(prefix: String) -> String {
        let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
        let characters = bytes(20).map { alphabet[Int($0 & 31)] }
        return "\(prefix)_\(String(decoding: characters, as: UTF8.self))"
    }

    /// A bearer secret (refresh token, reset link): 256 random bits in base64url, 43 characters.
    package static func token() -> String { Base64URL.encode(bytes(32)) }

    /// A random UUID (RFC 9562, version 4), lowercase.
    package static func uuid() -> String {
        var bytes = bytes(16)
        bytes[6] = bytes[6] & 0x0f | 0x40
        bytes[8] = bytes[8] & 0x3f | 0x80
        let digits = Array(Hex.encode(bytes).utf8)
        let groups = [digits[0..<8], digits[8..<12], digits[12..<16], digits[16..<20], digits[20..<32]]
        return String(decoding: Array(groups.joined(separator: [UInt8(ascii: "-")])), as: UTF8.self)
    }
}
