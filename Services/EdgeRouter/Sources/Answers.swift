import Bus
import Endpoints
import HTTP
import JSON
import Models
import ServiceRuntime

extension HTTPResponse {
    /// A refusal in its envelope.
    init(_ error: APIError) {
        var headers: HTTPHeaders = ["Content-Type": "application/json"]
        for header in error.headers { headers.append(header.name, header.value) }
        if error.status == 401 { headers.append("WWW-Authenticate", "Bearer") }
        self.init(HTTPStatus(rawValue: error.status), headers: headers, body: error.envelope())
    }

    /// JSON that is ready.
    init(json body: [UInt8]) { self.init(200, headers: ["Content-Type": "application/json"], body: body) }

    /// A service's answer, its bytes untouched.
    init(_ reply: BusReply) {
        var headers = HTTPHeaders()
        for (name, value) in reply.headers where !Self.ownHeaders.contains(name) { headers.append(name, value) }
        if reply.status == 401 { headers.append("WWW-Authenticate", "Bearer") }
        self.init(HTTPStatus(rawValue: reply.status), headers: headers, body: reply.body)
    }

    /// A gateway's answer to a handshake that it does not accept.
    init(_ response: HTTPClientResponse) {
        var headers = HTTPHeaders()
        for (name, value) in response.headers.all where !Self.ownHeaders.contains(name.lowercased()) {
            headers.append(name, value)
        }
        self.init(response.status, headers: headers, body: response.body)
    }

    /// What only the one who speaks to the client can say.
    private static let ownHeaders: Set<String> = [
        "connection", "content-length", "date", "keep-alive", "transfer-encoding", "upgrade", "x-request-id",
    ]
}

extension HTTPHeaders {
    mutating func append(_ answer: RateLimiter.Answer) {
        let tightest = answer.verdict.tightest
        append("RateLimit-Limit", String(tightest.limit))
        append("RateLimit-Remaining", String(tightest.remaining))
        append("RateLimit-Reset", String(tightest.resetSeconds))
        if answer.isDegraded { append("RateLimit-Policy", "degraded") }
    }
}

extension PresentedCredential.Absence {
    var refusal: APIError {
        switch self {
        case .missing: .missingCredential
        case .malformedKey: .unauthorized("The API key is malformed")
        case .malformedAuthorization: .unauthorized("The Authorization header must be 'Bearer' and a credential")
        case .malformedToken: .unauthorized("The bearer credential is neither an API key nor an access token")
        }
    }
}
