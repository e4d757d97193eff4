import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("Known credentials", .timeLimit(.minutes(1))) @Loop struct CredentialsTests {
    private static let key = CredentialCache.Key.session("ses_1")
    private static let start = LoopInstant(nanoseconds: 1_000_000_000_000)

    private static func entry(_ org: OrgID, at age: Duration = .zero) throws -> CredentialCache.Entry {
        let caller = Caller(apiKeyId: "apikey_1", orgId: org, plan: .pro, scopes: [.all])
        return CredentialCache.Entry(credential: Credential(caller, vouched: ""), askedAt: start + age)
    }

    @Test("are good for four seconds from the question")
    func lifetime() throws {
        let cache = CredentialCache()
        cache.store(try Self.entry("acme"), for: Self.key, at: Self.start + .seconds(1))
        #expect(cache.entry(Self.key, at: Self.start + .milliseconds(3999)) != nil)
        #expect(cache.entry(Self.key, at: Self.start + .seconds(4)) == nil)
    }

    @Test("are forgotten with their organization, and refusals with any")
    func invalidation() throws {
        let cache = CredentialCache()
        cache.store(try Self.entry("acme"), for: .session("a"), at: Self.start)
        cache.store(try Self.entry("other"), for: .session("b"), at: Self.start)
        cache.store(CredentialCache.Entry(credential: nil, askedAt: Self.start), for: .session("c"), at: Self.start)
        cache.forget("acme")
        #expect(cache.epoch == 1)
        #expect(["a", "b", "c"].map { cache.entry(.session($0), at: Self.start) != nil } == [false, true, false])
    }

    @Test("never take more room than allowed, however many are made up")
    func bounded() {
        let cache = CredentialCache(refusals: 100)
        for number in 0..<10_000 {
            let refusal = CredentialCache.Entry(credential: nil, askedAt: Self.start)
            cache.store(refusal, for: .session(String(number)), at: Self.start)
            #expect(cache.count <= 200)
        }
        #expect(cache.entry(.session("9999"), at: Self.start) != nil)
    }

    @Test("are asked for once, however many requests wait")
    func singleFlight() async throws {
        var questions = 0
        let answer = Promise<Void, Never>()
        let credentials = Credentials(
            tokens: EdgeFixture.tokens, metrics: Metrics(), vouch: { _ in "" },
            resolver: { _, _ in
                questions += 1
                await answer.value()
                return Caller(apiKeyId: "apikey_1", orgId: "acme", plan: .pro, scopes: [.all])
            })
        let key = PresentedCredential.apiKey("ebon_live_acme_" + String(repeating: "0", count: 32))
        let found = Promise<Int, Never>()
        var identified = 0
        for _ in 0..<50 {
            Task.immediate { @Loop in
                if (try? await credentials.identify(key, requestId: "r")) != nil { identified += 1 }
                if identified == 50 { found.succeed(identified) }
            }
        }
        answer.succeed(())
        #expect(await found.value() == 50)
        #expect(questions == 1)
    }

    @Test("stop working as soon as a change is announced")
    func hint() async throws {
        try await EdgeFixture.run { fixture in
            let key = fixture.addKey(scopes: [.all])
            let me = { @Loop in try await fixture.client.request(.get, "/api/v1/me", headers: ["x-api-key": key]) }
            let before = try await me()
            fixture.callers = [:]
            let cached = try await me()
            #expect(before.status == 200 && cached.status == 200)
            fixture.owner.publish(CredentialsChanged(orgId: "acme_corp"))
            let refused = try await eventually { try await me().status == 401 ? true : nil }
            #expect(refused == true)
        }
    }
}
