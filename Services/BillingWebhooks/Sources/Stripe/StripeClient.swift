import Crypto
import Curl
import EventLoop
import JSON
import ServiceRuntime

/// Stripe's API over libcurl (https://docs.stripe.com/api), with retries that change nothing twice.
@Loop struct StripeClient {
    /// Every request names it, so that the shapes read here are Stripe's however the account is set:
    /// https://docs.stripe.com/changelog/basil#2025-03-31.basil
    nonisolated static let version = "2025-03-31.basil"
    private nonisolated static let longestAnswer = 4 << 20

    let base: String
    let key: Secret

    /// Whether the key moves real money: https://docs.stripe.com/keys
    var isReal: Bool { ["sk_live_", "rk_live_"].contains { key.revealed.hasPrefix($0) } }

    func get(_ path: String, _ query: StripeForm = [:], deadline: LoopInstant) async throws(StripeError) -> StripeAnswer
    {
        let suffix = query.isEmpty ? "" : "?\(query.text)"
        return try await attempt("GET", path + suffix, headers: [], body: nil, deadline)
    }

    /// One key for all attempts: Stripe answers a repetition with what the first one did.
    func post(
        _ path: String, _ form: StripeForm, idempotencyKey: String = Random.uuid(), deadline: LoopInstant
    ) async throws(StripeError) -> StripeAnswer {
        let headers = [
            ("Idempotency-Key", idempotencyKey), ("Content-Type", "application/x-www-form-urlencoded"),
        ]
        return try await attempt("POST", path, headers: headers, body: Array(form.text.utf8), deadline)
    }

    private func attempt(
        _ method: String, _ target: String, headers: [(name: String, value: String)], body: [UInt8]?,
        _ deadline: LoopInstant
    ) async throws(StripeError) -> StripeAnswer {
        let headers = headers + [("Authorization", "Bearer \(key.revealed)"), ("Stripe-Version", Self.version)]
        var retries = StripeRetries(deadline: deadline)
        // What is answered to a repetition may be what was so at the first attempt.
        let began = LoopInstant.current
        while true {
            let failure: StripeError
            let pause: Duration?
            do {
                let response = try await CurlHTTP.request(
                    method, base + target, headers: headers, body: body, bodyLimit: Self.longestAnswer,
                    deadline: deadline)
                if (200..<300).contains(response.status) {
                    return try StripeAnswer(response, took: LoopInstant.current - began)
                }
                failure = StripeError(response)
                pause = retries.pause(after: response)
            } catch let error as StripeError {
                throw error
            } catch let error as CurlError {
                failure = StripeError(error)
                pause = retries.pause(after: error)
            } catch {
                throw .unavailable(String(describing: error))
            }
            guard let pause else { throw failure }
            do { try await Loop.sleep(for: pause) } catch { throw failure }
        }
    }
}

/// What Stripe answered, and no later moment at which that was so.
struct StripeAnswer: Sendable {
    let json: JSON
    /// The second, on Stripe's clock, in which the request began or the one before.
    let asOf: Int64

    init(_ response: CurlResponse, took duration: Duration) throws(StripeError) {
        guard let json = try? JSON(parsing: response.body), json.object != nil else {
            throw .unreadable("the body is no JSON object")
        }
        guard let date = response.date else { throw .unreadable("the Date header is missing") }
        self.json = json
        asOf = Int64(date) - (duration.milliseconds + 999) / 1000
    }
}
