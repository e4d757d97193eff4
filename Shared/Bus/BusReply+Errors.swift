import Endpoints
import JSON
import Postgres
import Redis
import ServiceRuntime

extension BusReply {
    /// A refusal as the client sees it.
    package init(_ error: APIError) {
        var headers = ["content-type": "application/json"]
        for header in error.headers { headers[header.name.lowercased()] = header.value }
        self.init(status: error.status, headers: headers, body: error.envelope())
    }

    /// The reply to a request whose handler threw: an `APIError` as it is, 503 when a dependency was away or nobody
    /// vouches for the caller (a secret is not the same everywhere yet), and for anything else a 500 whose details stand
    /// in the log only.
    init(_ error: any Error, in request: BusRequest) {
        switch error {
        case let error as APIError:
            self.init(error)
        case is RedisError, PostgresError.unavailable, PostgresError.deadline, PostgresError.poolExhausted,
            PostgresError.outcomeUnknown,
            BusError.notDelivered, BusError.noAnswer:
            let fields: LogFields = ["endpoint": request.endpoint, "error": String(describing: error)]
            Log.warning("dependency away", fields, requestId: request.requestId)
            self.init(.unavailable("The service is temporarily unavailable", retryAfter: 1))
        case let error as NotVouchedFor:
            let fields: LogFields = ["endpoint": request.endpoint, "reason": error.reason]
            Log.error("nobody has vouched for the caller", fields, requestId: request.requestId)
            self.init(.temporarilyUnavailable)
        default:
            let fields: LogFields = ["endpoint": request.endpoint, "error": String(describing: error)]
            Log.error("request failed", fields, requestId: request.requestId)
            self.init(.unexpected)
        }
    }

    static let tooLong = BusReply(
        APIError(.internalError, "The answer is larger than 32 MiB: ask for less of it, with a filter or page by page"))
    static let tooMuchHeld = BusReply(.unavailable("Too many large answers are on their way", retryAfter: 1))
}
