import Crypto
import EventLoop
import JSON
import Models

/// Reads whom requests come from. Being able to write to a service's channel makes nobody a caller: the signature of one
/// who holds the edges' secret does. A text that comes again, as it does with every request of one credential, is not
/// verified anew.
@Loop final class CallerVerifier {
    private static let mostRemembered = 4096

    private let signature: SignedCaller?
    private let clock: BusClock
    private var remembered: [String: (caller: Caller, expiresAt: Int64)] = [:]

    /// Without a signature nobody is believed.
    init(signature: SignedCaller?, clock: BusClock) {
        self.signature = signature
        self.clock = clock
    }

    /// - Throws: ``NotVouchedFor``
    func caller(of text: String) throws(NotVouchedFor) -> Caller {
        let now = clock.now.milliseconds / 1000
        if let known = remembered[text], now <= known.expiresAt { return known.caller }
        guard let signature else { throw NotVouchedFor(reason: "callers are not expected here") }
        do {
            let (payload, expiresAt) = try signature.verify(text, now: now)
            let caller = try JSON(parsing: payload).decode(Caller.self)
            if remembered.count >= Self.mostRemembered { remembered = [:] }
            remembered[text] = (caller, expiresAt)
            return caller
        } catch {
            throw NotVouchedFor(reason: String(describing: error))
        }
    }
}

/// A request names a caller whom nobody with the edges' secret has vouched for, or not lately: a secret is not the same
/// everywhere, or somebody else writes to the bus.
struct NotVouchedFor: Error {
    let reason: String
}

extension SignedCaller {
    /// Longer than an edge remembers a credential and a request is on its way.
    private static let vouchedSeconds: Int64 = 60

    /// What an edge puts into a request (``BusRequest/caller``) so that services believe whom it comes from, for a
    /// minute after `time`, which is to be the bus'.
    package func vouch(for caller: Caller, at time: Timestamp) throws -> String {
        sign(try JSON(encoding: caller).serialized(), expiresAt: time.milliseconds / 1000 + Self.vouchedSeconds)
    }
}
