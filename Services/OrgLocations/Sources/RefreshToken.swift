import Crypto

/// Two secrets: one names the family that a login began, the other the single use of this token. Only digests of
/// them are stored.
struct RefreshToken: Sendable {
    static let lifetimeSeconds = 30 * 24 * 3600
    private let family: String
    private let generation: String

    /// The first token of a new family.
    init() {
        family = Random.token()
        generation = Random.token()
    }

    private init(family: String, generation: String) {
        self.family = family
        self.generation = generation
    }

    /// Nil for a text that no login ever gave out.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 43 }) else { return nil }
        family = String(parts[0])
        generation = String(parts[1])
    }

    var text: String { "\(family).\(generation)" }

    var next: RefreshToken { RefreshToken(family: family, generation: Random.token()) }

    var familyDigest: String { Hex.encode(SHA256.hash(Array(family.utf8))) }

    var generationDigest: String { Hex.encode(SHA256.hash(Array(generation.utf8))) }
}
