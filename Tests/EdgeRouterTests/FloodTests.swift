import Crypto
import EventLoop
import HTTP
import Models
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

@Suite("A flood of made-up keys", .timeLimit(.minutes(1))) @Loop struct FloodTests {
    private static let start = LoopInstant(nanoseconds: 1_000_000_000_000)

    private nonisolated static func key(_ number: Int) -> String {
        let digits = String(number)
        return "ebon_live_acme_corp_" + String(repeating: "f", count: 32 - digits.count) + digits
    }

    @Test(
        "is refused by address, hardly reaches the owner of the credentials, and keeps no genuine key out, known or new"
    )
    func limitedByAddress() async throws {
        let settings = LimitSettings(global: RateLimit(count: 20, window: .seconds(600)))
        try await EdgeFixture.run(settings) { fixture in
            let genuine = fixture.addKey(scopes: [.all])
            func me(_ key: String) async throws -> HTTPStatus {
                try await fixture.client.request(.get, "/api/v1/me", headers: ["x-api-key": key]).status
            }
            let before = try await me(genuine)
            #expect(before == 200)
            let began = Loop.now
            for number in 0..<20 { #expect(try await me(Self.key(number)) == 401) }
            for number in 20..<80 { #expect(try await me(Self.key(number)) == 429) }
            for round in 0..<5 {
                fixture.owner.publish(CredentialsChanged(orgId: "acme_corp"))
                for number in 0..<20 { #expect(try await me(Self.key(1000 + 20 * round + number)) == 429) }
                #expect(try await me(genuine) == 200)
            }
            let other = fixture.addKey(2, scopes: [.all])
            #expect(try await me(other) == 200)
            let windows = Int((Loop.now - began).milliseconds / SpentAddresses.window.milliseconds) + 2
            #expect(fixture.questions <= 2 + 5 + windows / 30 + 20 + SpentAddresses.questionsInWindow * windows)
        }
    }

    @Test("takes no room from the credentials that are used")
    func room() throws {
        let cache = CredentialCache(capacity: 100, refusals: 10)
        let caller = Caller(apiKeyId: "apikey_1", orgId: "acme", plan: .pro, scopes: [.all])
        let entry = CredentialCache.Entry(credential: Credential(caller, vouched: ""), askedAt: Self.start)
        cache.store(entry, for: .session("used"), at: Self.start)
        for number in 0..<5000 {
            let refusal = CredentialCache.Entry(credential: nil, askedAt: Self.start)
            cache.store(refusal, for: .session(String(number)), at: Self.start)
        }
        #expect(cache.count <= 21)
        #expect(cache.entry(.session("used"), at: Self.start)?.credential != nil)
    }

    @Test("does not make strangers of credentials that were genuine of late, until they are refused")
    func familiarity() throws {
        let cache = CredentialCache(capacity: 100, refusals: 10)
        let caller = Caller(apiKeyId: "apikey_1", orgId: "acme", plan: .pro, scopes: [.all])
        let entry = CredentialCache.Entry(credential: Credential(caller, vouched: ""), askedAt: Self.start)
        let refusal = CredentialCache.Entry(credential: nil, askedAt: Self.start)
        #expect(!cache.isFamiliar(.session("used")))
        cache.store(entry, for: .session("used"), at: Self.start)
        cache.forgetAll()
        for number in 0..<5000 {
            cache.store(refusal, for: .session(String(number)), at: Self.start + .seconds(500))
        }
        #expect(cache.entry(.session("used"), at: Self.start + .seconds(500)) == nil)
        #expect(cache.isFamiliar(.session("used")))
        #expect(!cache.isFamiliar(.session("4999")))
        cache.store(refusal, for: .session("used"), at: Self.start + .seconds(501))
        #expect(!cache.isFamiliar(.session("used")))
    }

    @Test("is remembered for so many addresses only, each until a place becomes free")
    func addresses() {
        let spent = SpentAddresses()
        for number in 0..<25_000 {
            spent.note(String(number), until: Self.start + .seconds(60), at: Self.start)
            #expect(spent.count <= 10_000)
        }
        let asked = (0..<30).count { _ in spent.mayAsk("24999", at: Self.start) }
        #expect(asked == SpentAddresses.questionsInWindow)
        #expect(spent.mayAsk("24999", at: Self.start + SpentAddresses.window))
        #expect(spent.mayAsk("unheard of", at: Self.start))
        let after = (0..<30).count { _ in spent.mayAsk("24999", at: Self.start + .seconds(60)) }
        #expect(after == 30)
    }

    @Test("is one client's when it comes from one IPv6 network")
    func networks() throws {
        func network(_ text: String) -> String? { SocketAddress(numeric: text, port: 1)?.network }
        #expect(network("192.0.2.1") == "192.0.2.1")
        #expect(network("::ffff:192.0.2.1") == "192.0.2.1")
        #expect(network("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64")
        #expect(network("2001:db8:1:2::9") == network("2001:db8:1:2:ffff::"))
        #expect(network("2001:db8:1:3::9") != network("2001:db8:1:2::9"))
    }
}
