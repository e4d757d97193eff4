import JSON

/// Compact JSON Web Signatures (RFC 7515) with HMAC-SHA256 and no other algorithm.
package enum JSONWebSignature {
    private static let longest = 4096
    private static let header = Base64URL.encode(Array(#"{"alg":"HS256","typ":"JWT"}"#.utf8))

    /// The compact text that signs `payload` with the current key.
    package static func sign(_ payload: [UInt8], keys: SigningKeys) -> String {
        let signed = "\(header).\(Base64URL.encode(payload))"
        return "\(signed).\(Base64URL.encode(keys.sign(Array(signed.utf8))))"
    }

    /// The payload of a compact text that one of the keys signed.
    ///
    /// The header is read first, and only to refuse: any `alg` but `HS256` (`none` above all) and any `crit` end the
    /// verification before a key is touched. The payload is not decoded before the signature is found valid.
    /// - Throws: `.malformed` or `.invalidSignature`.
    package static func verify(_ text: String, keys: SigningKeys) throws(SignatureError) -> [UInt8] {
        guard text.utf8.count <= longest else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decode(parts[0]), isAcceptable(header),
            let signature = Base64URL.decode(parts[2])
        else { throw .malformed }
        guard keys.isValid(signature, for: Array("\(parts[0]).\(parts[1])".utf8)) else { throw .invalidSignature }
        guard let payload = Base64URL.decode(parts[1]) else { throw .malformed }
        return payload
    }

    private static func isAcceptable(_ header: [UInt8]) -> Bool {
        guard let header = try? JSON(parsing: header, depthLimit: 4) else { return false }
        return header["alg"]?.string == "HS256" && header["crit"] == nil
    }
}
