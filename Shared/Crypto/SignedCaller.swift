/// A caller that an edge vouches for to other services, in a request on the bus or in a socket's header: `base64url(payload).expiry.base64url(HMAC)`.
///
/// The payload is opaque here (JSON, in practice). Whoever holds the keys can be anybody: a header of this name that
/// comes from outside must be removed before the signed one is added.
package struct SignedCaller: Sendable {
    /// The header that carries it, in lowercase.
    package static let headerName = "x-ebon-caller"

    private static let longest = 8192
    private let keys: SigningKeys

    /// Signs and verifies with `keys`.
    package init(keys: SigningKeys) { self.keys = keys }

    /// The header value that vouches for `payload` until `expiresAt` (Unix seconds, inclusive).
    package func sign(_ payload: [UInt8], expiresAt: Int64) -> String {
        let signed = "\(Base64URL.encode(payload)).\(expiresAt)"
        return "\(signed).\(Base64URL.encode(keys.sign(Array(signed.utf8))))"
    }

    /// The payload of a header value and its last second, if one of the keys signed it and it has not expired at `now`
    /// (Unix seconds).
    /// - Throws: ``SignatureError``; nothing of the payload is looked at before the signature is found valid.
    package func verify(_ value: String, now: Int64) throws(SignatureError) -> (payload: [UInt8], expiresAt: Int64) {
        guard value.utf8.count <= Self.longest else { throw .malformed }
        let parts = value.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]) else { throw .malformed }
        guard keys.isValid(signature, for: Array("\(parts[0]).\(parts[1])".utf8)) else { throw .invalidSignature }
        guard let payload = Base64URL.decode(parts[0]), let expiresAt = Int64(parts[1]) else { throw .malformed }
        guard now <= expiresAt else { throw .expired }
        return (payload, expiresAt)
    }
}

/// Why a signed text is not to be trusted.
package enum SignatureError: Error, Equatable {
    /// It is not of the expected form, or names another algorithm.
    case malformed
    /// No accepted key made this signature for this content.
    case invalidSignature
    /// It was genuine, and its time has passed.
    case expired
    /// It is genuine, and its time has not come.
    case notYetValid
    /// It is genuine and meant for somebody else, or from somebody else.
    case wrongParty
}
