import Crypto
import EventLoop
import Models
import Postgres
import TestSupport
import Testing

@testable import OrgLocations

@Suite("An API key") @Loop struct CredentialTests {
    private func caller(_ org: OrgFixture, _ key: String) async throws -> Caller? {
        let digest = Hex.encode(SHA256.hash(Array(key.utf8)))
        return try await org.service.edge.call(ResolveCredential(keySHA256: digest), requestId: "test").caller
    }

    private func add(_ org: OrgFixture, _ key: String) async throws {
        _ = try await org.database.query(
            """
            INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes)
            VALUES ('apikey_1', 'acme', $1, 'ebon_live_acme_', 'Test', '{devices,receipts:read,from_the_future}')
            """, [Hex.encode(SHA256.hash(Array(key.utf8)))])
    }

    @Test("is resolved to its organization, its scopes and the plan of now; inactive or unknown to nobody")
    func resolution() async throws {
        try await OrgFixture.run { org, _ in
            try await add(org, "secret")
            let expected = Caller(
                apiKeyId: "apikey_1", orgId: "acme", plan: .free, scopes: [.devices, .receiptsRead])
            #expect(try await caller(org, "secret") == expected)
            #expect(try await caller(org, "other") == nil)
            try await org.grant(.pro)
            #expect(try await caller(org, "secret")?.plan == .pro)
            _ = try await org.database.query("UPDATE org.api_keys SET active = false")
            #expect(try await caller(org, "secret") == nil)
        }
    }

    @Test("has its last use written in batches, and never back in time")
    func lastUse() async throws {
        try await OrgFixture.run { org, service in
            try await add(org, "secret")
            func lastUse() async throws -> Timestamp? {
                try await org.database.query("SELECT last_used_at FROM org.api_keys")[0].optional("last_used_at")
            }
            _ = try await caller(org, "secret")
            #expect(try await lastUse() == nil)
            try await service.usage.write()
            let written = try #require(try await lastUse())
            service.usage.record("apikey_1", at: written - .seconds(60))
            try await service.usage.write()
            #expect(try await lastUse() == written)
        }
    }
}
