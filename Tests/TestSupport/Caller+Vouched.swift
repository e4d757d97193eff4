import Bus
import Crypto
import Models

extension SignedCaller {
    /// What the edges of tests sign callers with, and their services believe.
    package static let ofTests = SignedCaller(keys: SigningKeys(current: Array(repeating: 2, count: 32)))
}

extension Caller {
    /// The caller as an edge puts it into a request.
    package var vouched: String {
        get throws { try SignedCaller.ofTests.vouch(for: self, at: .now()) }
    }
}
