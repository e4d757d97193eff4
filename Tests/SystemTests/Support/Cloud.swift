import EventLoop
import HTTP
import JSON
import TestSupport

/// A client of a stack's REST interface, with one credential.
@Loop struct Cloud {
    struct Answer {
        let status: Int
        let headers: HTTPHeaders
        /// `null` when there is no body.
        let json: JSON
        var code: String? { json["error"]?["code"]?.string }
        var message: String? { json["error"]?["message"]?.string }
        /// The paths of `error.details`, in order.
        var paths: [String] { json["error"]?["details"]?.array?.compactMap { $0["path"]?.string } ?? [] }
    }

    private let client: HTTPClient
    let credential: HTTPHeaders

    init(_ stack: Stack, apiKey: String? = nil) throws {
        client = try HTTPClient(stack.variables.url)
        credential = ["x-api-key": apiKey ?? stack.variables.apiKey]
    }

    /// Reaches the first edge, unless another one is named by its URL.
    init(_ stack: Stack, at edge: String? = nil, credential: HTTPHeaders) throws {
        client = try HTTPClient(edge ?? stack.variables.url)
        self.credential = credential
    }

    /// The portal, after a login.
    static func portal(_ stack: Stack, of organization: StackVariables? = nil) async throws -> Cloud {
        let owner = organization ?? stack.variables
        let nobody = try Cloud(stack, credential: [:])
        let login = try await nobody.post(
            "/api/v1/auth/login", ["email": .string(owner.email), "password": .string(owner.password)])
        return try Cloud(stack, credential: ["Authorization": "Bearer \(login.json["accessToken"]?.string ?? "")"])
    }

    func get(_ path: String, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.get, path, headers: headers)
    }

    func post(_ path: String, _ body: JSON, headers: HTTPHeaders = [:]) async throws -> Answer {
        try await send(.post, path, headers: headers, body: body.serialized())
    }

    func patch(_ path: String, _ body: JSON) async throws -> Answer {
        try await send(.patch, path, body: body.serialized())
    }

    func send(
        _ method: HTTPMethod, _ path: String, headers: HTTPHeaders = [:], body: [UInt8]? = nil,
        within limit: Duration = .seconds(40)
    ) async throws -> Answer {
        var fields = credential
        if body != nil { fields["Content-Type"] = "application/json" }
        for (name, value) in headers.all { fields[name] = value }
        let response = try await client.request(method, path, headers: fields, body: body ?? [], within: limit)
        let json = response.body.isEmpty ? JSON.null : try JSON(parsing: response.body)
        return Answer(status: Int(response.status.rawValue), headers: response.headers, json: json)
    }

    /// Sends the request again until the answer is not of the server's making: what a careful client does, with an
    /// `Idempotency-Key`.
    func insist(
        _ path: String, _ body: JSON, key: String, within limit: Duration = .seconds(60)
    ) async throws -> Answer {
        let answer: Answer? = await eventually(within: limit) {
            let answer = try? await send(
                .post, path, headers: ["Idempotency-Key": key], body: body.serialized(), within: .seconds(10))
            return answer.flatMap { $0.status < 500 ? $0 : nil }
        }
        guard let answer else { throw NoAnswer(key: key) }
        return answer
    }

    struct NoAnswer: Error { let key: String }
}
