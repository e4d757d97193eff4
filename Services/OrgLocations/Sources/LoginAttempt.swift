import Bus
import Crypto
import Models
import Postgres
import ServiceRuntime

/// A password that somebody tries.
struct LoginAttempt: Sendable {
    let id = Random.identifier(prefix: "try")
    let email: String
    /// The client's address as the edge saw it.
    let client: String

    init<Input>(_ call: Call<Input>, email: String) {
        self.email = email
        client = call.client
    }
}

/// How many passwords that are not right may be tried on one account.
///
/// One client gets `client`. All clients together that the account's owner has never used get `strangers`, and beyond
/// that no more than `slowly`: what many addresses guess together stays small, and cannot shut the owner out, whose own
/// clients do not count among them. Away from those the owner gets in some seconds after an attack is over, and during
/// one resets the password by mail: that makes the client a familiar one. A lock on the account alone would hand
/// everybody the switch to it.
struct LoginLimits: Sendable {
    var client = RateLimit(count: 30, window: .seconds(600))
    var strangers = RateLimit(count: 50, window: .seconds(3600))
    var slowly = RateLimit(count: 1, window: .seconds(15))
}

extension Call {
    /// The client's address as the edge saw it.
    var client: String { header("x-forwarded-for") ?? "0.0.0.0" }
}
