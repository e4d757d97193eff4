import COpenSSL

/// The only place that computes digests, signatures, tokens and randomness; this type is SHA-256 (FIPS 180-4).
package enum SHA256 {
    /// The 32 bytes of the digest of `bytes`.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] { Digest.sha256.hash(bytes) }
}

/// SHA-1, for the two protocols that demand it (RFC 6455's accept key, Redis' script names); it protects nothing.
package enum SHA1 {
    /// The 20 bytes of the digest of `bytes`.
    package static func hash(_ bytes: [UInt8]) -> [UInt8] { Digest.sha1.hash(bytes) }
}

/// A digest algorithm, fetched once: looking it up costs more than hashing a short message.
///
/// Unchecked because an `EVP_MD` is never changed after the fetch.
struct Digest: @unchecked Sendable {
    static let sha256 = Digest("SHA256", length: 32)
    static let sha1 = Digest("SHA1", length: 20)

    let algorithm: OpaquePointer
    let length: Int

    private init(_ name: String, length: Int) {
        guard let algorithm = EVP_MD_fetch(nil, name, nil) else { preconditionFailure("OpenSSL lacks \(name)") }
        self.algorithm = algorithm
        self.length = length
    }

    func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: length) { output, count in
            let done = EVP_Digest(bytes, bytes.count, output.baseAddress, nil, algorithm, nil)
            precondition(done == 1, "OpenSSL is out of memory")
            count = length
        }
    }
}
