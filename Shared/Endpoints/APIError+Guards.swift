import JSON
import Models

/// The refusals that many routes have in common, for those who throw them and for the OpenAPI document.
extension APIError {
    /// 401 where no credential came.
    package static let missingCredential = unauthorized(
        "A credential is required: x-api-key, or Authorization: Bearer with an API key or access token")
    /// 403 for an API key on a route for users.
    package static let apiKeyNotAccepted = forbidden("API keys are not accepted here: sign in to the portal")
    /// 403 for a user whose role is too low.
    package static let roleDoesNotPermit = forbidden("Your role does not permit this")

    /// 403 for an API key without any of these scopes.
    package static func lacksScope(_ wanted: [Scope]) -> APIError {
        let names = wanted.map { "'\($0.rawValue)'" }.joined(separator: " or ")
        return forbidden("The API key lacks the scope \(names)")
    }

    /// 400 for a query that no route can take: neither the bus nor the database takes a NUL.
    package static let nulInQuery = badRequest("The query contains a NUL character")
    /// 415 for a body that does not say that it is JSON.
    package static let wrongMediaType = APIError(.unsupportedMediaType, "Content-Type must be application/json")

    /// 400 for a body that is no JSON.
    package static func invalidJSON(_ error: JSONSyntaxError) -> APIError {
        badRequest("The body is not valid JSON: \(error)")
    }

    /// 422 for an `Idempotency-Key` that came with another body before.
    package static let idempotencyKeyReused = unprocessable("This Idempotency-Key was used for another request")
    /// 503 while what the request needs is away.
    package static let temporarilyUnavailable = unavailable(
        "The service is temporarily unavailable", retryAfter: 1)
}
