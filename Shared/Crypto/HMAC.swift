import COpenSSL

/// HMAC with SHA-256 (RFC 2104, RFC 4231).
package enum HMACSHA256 {
    /// The 32 bytes that authenticate `message` under `key`, which may have any length.
    package static func authenticate(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Digest.sha256.length) { output, count in
            // A null key would mean "the key of the last call"; an empty array has no address of its own.
            let done = (key.isEmpty ? [0] : key).withUnsafeBufferPointer { pointer in
                HMAC(
                    Digest.sha256.algorithm, pointer.baseAddress, Int32(key.count), message, message.count,
                    output.baseAddress, nil)
            }
            precondition(done != nil, "OpenSSL is out of memory")
            count = Digest.sha256.length
        }
    }

    /// Whether `code` authenticates `message` under `key`; takes the same time wherever they differ.
    package static func isValid(_ code: [UInt8], for message: [UInt8], key: [UInt8]) -> Bool {
        constantTimeEqual(authenticate(message, key: key), code)
    }
}

/// Whether two byte strings are equal, in a time that depends on their lengths only.
package func constantTimeEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
}
