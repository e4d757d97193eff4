import JSON
import Testing

@testable import Models

@Suite("Scopes") struct ScopeTests {
    @Test(
        "grant what they imply and nothing else",
        arguments: [
            (Scope.all, Set(Scope.allCases)), (.devices, [.devices, .devicesRead, .devicesWrite]),
            (.devicesRead, [.devicesRead]), (.devicesWrite, [.devicesWrite]),
            (.receiptsAdmin, [.receiptsAdmin, .receipts, .receiptsRead]), (.receipts, [.receipts, .receiptsRead]),
            (.receiptsRead, [.receiptsRead]), (.reports, [.reports]), (.commands, [.commands]),
        ] as [(Scope, Set<Scope>)])
    func implication(scope: Scope, granted: Set<Scope>) {
        #expect(Set(Scope.allCases.filter(scope.grants)) == granted)
    }

    @Test("are told to the caller, the session is not")
    func me() {
        let user = Caller(userId: "usr_1", role: .owner, sessionId: "ses_1", orgId: "acme_corp", plan: .pro)
        #expect(
            user.me.text
                == #"{"kind":"user","orgId":"acme_corp","plan":"pro","scopes":["all"],"userId":"usr_1","role":"owner"}"#
        )
        let key = Caller(apiKeyId: "apikey_1", orgId: "acme_corp", plan: .free, scopes: [.commands])
        #expect(Caller.meSchema.violations(of: key.me, at: "body") == [])
        #expect(key.me["apiKeyId"] == "apikey_1" && key.me["role"] == nil)
    }
}
