import Crypto
import Models

/// A new key: what its holder is shown once, and what is kept of it.
struct APIKeySecret: Sendable {
    let orgId: OrgID
    let text: String

    init(of orgId: OrgID) {
        self.orgId = orgId
        text = Self.prefix(of: orgId) + Hex.encode(Random.bytes(16))
    }

    var prefix: String { Self.prefix(of: orgId) }

    var digest: String { Hex.encode(SHA256.hash(Array(text.utf8))) }

    private static func prefix(of orgId: OrgID) -> String { "ebon_live_\(orgId)_" }
}
