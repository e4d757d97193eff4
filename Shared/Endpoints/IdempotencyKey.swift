import JSON

/// The `Idempotency-Key` header field, by which a caller says that repetitions of a request are meant as one.
package enum IdempotencyKey {
    /// The field's lower-case name.
    package static let field = "idempotency-key"

    /// What a key looks like.
    package static let schema = Schema.string(
        StringFormat(
            pattern: "^[A-Za-z0-9_-]{1,128}$", expectation: "1 to 128 characters of A-Z a-z 0-9 _ -",
            accepts: { key in
                (1...128).contains(key.utf8.count)
                    && key.utf8.allSatisfy { $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
            }))
}
