import Crypto
import Endpoints
import EventLoop
import ServiceRuntime

/// Argon2 as requests use it: as much of it as the machine can take, and counted.
@Loop struct Passwords {
    private let runs: Counter

    init(metrics: Metrics) {
        runs = metrics.counter("ebon_org_password_hashes_total", "Runs of argon2.")
    }

    /// - Throws: 503 when too many are waiting.
    func hash(_ password: String) async throws(APIError) -> String {
        runs.increment()
        do {
            return try await PasswordHash.make(of: password)
        } catch {
            throw APIError.tooManyLogins
        }
    }

    /// Whether the password is the one that was hashed. Without a hash the answer is no and takes as long: the time
    /// must not tell whether there is an account.
    /// - Throws: 503 when too many are waiting.
    func matches(_ password: String, _ hash: String?) async throws(APIError) -> Bool {
        runs.increment()
        do {
            return try await PasswordHash.matches(password, hash ?? PasswordHash.decoy)
        } catch {
            throw APIError.tooManyLogins
        }
    }
}
