extension APIError {
    /// The machine-readable name of a refusal, as `error.code` has it.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        case validationError = "VALIDATION_ERROR"
        case badRequest = "BAD_REQUEST"
        case unauthorized = "UNAUTHORIZED"
        case forbidden = "FORBIDDEN"
        case notFound = "NOT_FOUND"
        case methodNotAllowed = "METHOD_NOT_ALLOWED"
        case requestTimeout = "REQUEST_TIMEOUT"
        case conflict = "CONFLICT"
        case payloadTooLarge = "PAYLOAD_TOO_LARGE"
        case uriTooLong = "URI_TOO_LONG"
        case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
        case expectationFailed = "EXPECTATION_FAILED"
        case unprocessableEntity = "UNPROCESSABLE_ENTITY"
        case upgradeRequired = "UPGRADE_REQUIRED"
        case rateLimitExceeded = "RATE_LIMIT_EXCEEDED"
        case requestHeaderFieldsTooLarge = "REQUEST_HEADER_FIELDS_TOO_LARGE"
        case internalError = "INTERNAL_ERROR"
        case notImplemented = "NOT_IMPLEMENTED"
        case deviceError = "DEVICE_ERROR"
        case serviceUnavailable = "SERVICE_UNAVAILABLE"
        case commandTimeout = "COMMAND_TIMEOUT"
        case httpVersionNotSupported = "HTTP_VERSION_NOT_SUPPORTED"

        /// The status code that goes with it.
        package var status: Int {
            switch self {
            case .validationError, .badRequest: 400
            case .unauthorized: 401
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .requestTimeout: 408
            case .conflict: 409
            case .payloadTooLarge: 413
            case .uriTooLong: 414
            case .unsupportedMediaType: 415
            case .expectationFailed: 417
            case .unprocessableEntity: 422
            case .upgradeRequired: 426
            case .rateLimitExceeded: 429
            case .requestHeaderFieldsTooLarge: 431
            case .internalError: 500
            case .notImplemented: 501
            case .deviceError: 502
            case .serviceUnavailable: 503
            case .commandTimeout: 504
            case .httpVersionNotSupported: 505
            }
        }

        /// The code that a bare status of the HTTP server stands for.
        package init(status: Int) {
            let specific = Self.allCases.filter { $0 != .validationError }
            self = specific.first { $0.status == status } ?? (status < 500 ? .badRequest : .internalError)
        }
    }
}

extension APIError {
    /// The refusal of bytes that are no request that will be served: the code is the status' own name, for a 400
    /// `BAD_REQUEST`.
    package init(refusing status: Int, reason: String) {
        self.init(Code(status: status), reason.prefix(1).uppercased() + reason.dropFirst())
    }
}
