import Curl
import JSON

/// Why Stripe did not do what it was asked for. Texts are for the log.
enum StripeError: Error, Sendable, Equatable {
    /// No answer, or one that says "later": whether it took effect is unknown.
    case unavailable(String)
    /// Stripe has understood and refuses.
    case refused(Refusal)
    case unreadable(String)

    struct Refusal: Sendable, Equatable {
        let status: Int
        let code: String?
        /// The parameter that is at fault, such as `success_url`.
        let parameter: String?
        let message: String
        /// What Stripe's support asks for.
        let requestID: String?
    }

    init(_ response: CurlResponse) {
        let error = (try? JSON(parsing: response.body))?["error"]
        let message = error?["message"]?.string ?? "no message"
        guard response.status != 409, response.status != 429, response.status < 500 else {
            self = .unavailable("\(response.status): \(message)")
            return
        }
        self = .refused(
            Refusal(
                status: response.status, code: error?["code"]?.string, parameter: error?["param"]?.string,
                message: message, requestID: response.header("request-id")))
    }

    init(_ error: CurlError) { self = .unavailable(String(describing: error)) }

    /// The object that the parameter names is not there, or not any more.
    func isMissing(_ parameter: String) -> Bool {
        guard case .refused(let refusal) = self else { return false }
        return refusal.code == "resource_missing" && refusal.parameter == parameter
    }
}
