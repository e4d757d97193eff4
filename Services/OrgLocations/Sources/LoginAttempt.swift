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
/// One client gets `client`. All clients together that the account's owner has never used get `strangers`: what many
/// addresses guess together stays within the 100 guesses of NIST SP 800-63B, 5.2.2, and cannot shut the owner out,
/// whose own clients do not count among them. Away from those, and under attack, the owner resets the password by
/// mail: that makes the client a familiar one. A lock on the account alone would hand everybody the switch to it.
struct LoginLimits: Sendable {
    var client = RateLimit(count: 30, window: .seconds(600))
    var strangers = RateLimit(count: 50, window: .seconds(3600))
}

extension Call {
    /// The client's address as the edge saw it.
    var client: String { header("x-forwarded-for") ?? "0.0.0.0" }
}
