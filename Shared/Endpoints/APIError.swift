import JSON

/// A refusal as the client sees it: a status, a code, a sentence, and what else helps.
package struct APIError: Error, Sendable {
    /// What went wrong, in the client's terms.
    package let code: Code
    /// A sentence for the client's developer; never quotes a secret.
    package let message: String
    /// More: the list of violations, or an object that the message alone cannot carry.
    package let details: JSON?
    /// Header fields of the answer, such as `Allow` and `Retry-After`.
    package let headers: [(name: String, value: String)]

    /// A refusal.
    package init(_ code: Code, _ message: String, details: JSON? = nil, headers: [(name: String, value: String)] = []) {
        self.code = code
        self.message = message
        self.details = details
        self.headers = headers
    }

    /// The status code.
    package var status: Int { code.status }

    /// The body: `{"error":{"code","message","details"?}}`, but flat for 429.
    package var body: JSON {
        if code == .rateLimitExceeded {
            return ["code": .string(code.rawValue), "message": .string(message), "status": .number(status)]
        }
        var error: JSONObject = ["code": .string(code.rawValue), "message": .string(message)]
        error["details"] = details
        return ["error": .object(error)]
    }

    /// The bytes of the body.
    package func envelope() -> [UInt8] { body.serialized() }
}

extension APIError {
    /// 400 with every wrong field.
    package static func validation(_ violations: [Violation]) -> APIError {
        let details = violations.map { JSON.object(["path": .string($0.path), "message": .string($0.message)]) }
        return APIError(.validationError, "Request validation failed", details: .array(details))
    }

    /// 400 with one wrong field.
    package static func validation(_ path: String, _ message: String) -> APIError {
        .validation([Violation(path: path, message: message)])
    }

    /// The same refusal with more wrong fields, but for those that it names already; a refusal that is not about fields
    /// stays as it is.
    package func adding(_ violations: [Violation]) -> APIError {
        guard code == .validationError, let named = details?.array else { return self }
        let paths = Set(named.compactMap { $0["path"]?.string })
        let others = APIError.validation(violations.filter { !paths.contains($0.path) }).details?.array ?? []
        return APIError(code, message, details: .array(named + others), headers: headers)
    }

    /// 400 for what cannot be read at all.
    package static func badRequest(_ message: String) -> APIError { APIError(.badRequest, message) }
    /// 401 for a missing, malformed, unknown, expired or revoked credential.
    package static func unauthorized(_ message: String) -> APIError { APIError(.unauthorized, message) }
    /// 403 for a valid credential that may not.
    package static func forbidden(_ message: String) -> APIError { APIError(.forbidden, message) }
    /// 404; says the same of what does not exist and of what is another organization's.
    package static func notFound(_ message: String) -> APIError { APIError(.notFound, message) }
    /// 404 for a device that does not exist, or is another organization's.
    package static let noSuchDevice = notFound("Device not found")
    /// 409 for a request that the present state does not permit.
    package static func conflict(_ message: String) -> APIError { APIError(.conflict, message) }
    /// 422 for an idempotency key that was used for another request.
    package static func unprocessable(_ message: String) -> APIError { APIError(.unprocessableEntity, message) }
    /// 500; the reason stays in the log.
    package static let unexpected = APIError(.internalError, "An internal error occurred")

    /// 405 with the methods that the path does have.
    package static func methodNotAllowed(allow: [String]) -> APIError {
        APIError(
            .methodNotAllowed, "Method not allowed",
            headers: [(name: "Allow", value: allow.sorted().joined(separator: ", "))])
    }

    /// 429 with the whole seconds to wait, at least one.
    package static func rateLimited(retryAfter seconds: Int) -> APIError {
        APIError(
            .rateLimitExceeded, "Too many requests. Try again in \(max(1, seconds)) seconds.",
            headers: [(name: "Retry-After", value: String(max(1, seconds)))])
    }

    /// 503, with the whole seconds to wait where a retry makes sense.
    package static func unavailable(_ message: String, retryAfter seconds: Int? = nil) -> APIError {
        APIError(
            .serviceUnavailable, message, headers: seconds.map { [(name: "Retry-After", value: String($0))] } ?? [])
    }

    /// 502 for a live route: the register refused, with its own code.
    package static func deviceError(code: String, message: String, retryable: Bool) -> APIError {
        APIError(
            .deviceError, "\(message) (\(code))",
            details: ["code": .string(code), "message": .string(message), "retryable": .bool(retryable)])
    }

    /// 504 for a live route: the device took the command and has not answered; the command's outcome is still to be asked for.
    package static func commandTimeout(commandId: String) -> APIError {
        APIError(
            .commandTimeout,
            "The device did not answer in time. Ask for the command's outcome instead of sending it again.",
            details: ["commandId": .string(commandId)])
    }

    /// 504 for a live route whose owner fell silent: the device may have got the command, whose id nobody knows here.
    package static let commandLost = APIError(
        .commandTimeout,
        "No answer came in time. Look for the command and its outcome in GET /commands instead of sending it again.")
}
