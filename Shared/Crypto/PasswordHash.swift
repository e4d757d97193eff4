import CArgon2
import EventLoop

/// Argon2id (RFC 9106) with 19 MiB, two passes and one lane, computed off the event loop.
@Loop package enum PasswordHash {
    private nonisolated static let memoryKibibytes: UInt32 = 19 * 1024
    private nonisolated static let passes: UInt32 = 2
    private nonisolated static let lanes: UInt32 = 1
    private nonisolated static let saltLength = 16
    private nonisolated static let hashLength = 32

    /// The hash of no password: verify against it when there is no account, so that both answers take equally long.
    package nonisolated static let decoy =
        "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    /// The encoded hash of `password` with a fresh salt; it carries its parameters, so they may change later.
    /// - Throws: `OffloadError.queueFull` when too many hashes are being computed already: answer 503.
    package static func make(of password: String) async throws(OffloadError) -> String {
        try await Loop.offload {
            let bytes = Array(password.utf8)
            let salt = Random.bytes(saltLength)
            let length = argon2_encodedlen(
                passes, memoryKibibytes, lanes, UInt32(saltLength), UInt32(hashLength), Argon2_id)
            var encoded = [CChar](repeating: 0, count: length)
            let status = argon2id_hash_encoded(
                passes, memoryKibibytes, lanes, bytes, bytes.count, salt, salt.count, hashLength, &encoded, length)
            precondition(status == ARGON2_OK.rawValue, "argon2 is out of memory")
            return String(decoding: encoded.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    /// Whether `password` is the one that `encoded` was made of; false for an `encoded` that is not argon2id's.
    /// - Throws: `OffloadError.queueFull` when too many hashes are being computed already: answer 503.
    package static func matches(_ password: String, _ encoded: String) async throws(OffloadError) -> Bool {
        try await Loop.offload {
            let bytes = Array(password.utf8)
            return argon2id_verify(encoded, bytes, bytes.count) == ARGON2_OK.rawValue
        }
    }
}
