import EventLoop
import HTTP
import JSON
import Models

/// As much of Stripe's API as e-bon uses, over HTTP, with a state of its own: customers, subscriptions, invoices and
/// the sessions of Checkout and of the portal, in the shapes of API version 2025-03-31.basil.
@Loop package final class StripeDouble {
    /// A request as it came in.
    package struct Received: Sendable {
        /// Such as `POST`.
        package let method: String
        /// Without the query.
        package let path: String
        /// The parameters of query or form, decoded.
        package let parameters: [String: String]
        /// The header fields.
        package let headers: HTTPHeaders
    }

    /// What the next requests meet instead of an answer.
    package enum Fault: Sendable {
        /// A status with Stripe's error object, and further header fields.
        case status(Int, headers: HTTPHeaders = [:])
        /// The request takes effect and the connection breaks before the answer.
        case cutAfterEffect
        /// No answer until the double stops.
        case silence
    }

    /// The only key that is let in.
    package static let key = "sk_test_of_the_double"
    /// Used up one for each request.
    package var faults: [Fault] = []
    /// Everything that was asked so far.
    package private(set) var received: [Received] = []
    /// The subscriptions by id, as their objects.
    package var subscriptions: [String: JSONObject] = [:]
    /// The invoices by customer, newest first.
    package var invoices: [String: [JSONObject]] = [:]

    private var server: HTTPServer?
    private var answers: [String: (parameters: [String: String], response: HTTPResponse)] = [:]
    private var customers: [String: JSONObject] = [:]
    private var deleted: Set<String> = []
    private var made = 0
    private let never = Promise<Void, Never>()

    private init() {}

    /// Runs `body` with a double that listens on the loopback interface.
    package static func run<Value>(_ body: @Loop (StripeDouble, _ base: String) async throws -> Value) async throws
        -> Value
    {
        let double = StripeDouble()
        let server = HTTPServer { await double.respond($0) }
        double.server = server
        let address = try server.listen(on: .tcp(host: "127.0.0.1", port: 0))
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(double, "http://127.0.0.1:\(address.port)"))
        } catch {
            outcome = .failure(error)
        }
        double.never.succeed(())
        await server.drain(within: .zero)
        return try outcome.get()
    }

    /// The requests for one path, in order.
    package func requests(_ method: String, _ path: String) -> [Received] {
        received.filter { $0.method == method && $0.path == path }
    }

    /// Lets a customer be unknown, with all that belongs to it.
    package func deleteCustomer(_ id: String) {
        customers[id] = nil
        deleted.insert(id)
    }

    private func respond(_ request: HTTPRequest) async -> HTTPResponse {
        let text =
            request.method.rawValue == "GET" ? request.query ?? "" : String(decoding: request.body, as: UTF8.self)
        let parameters = Dictionary(
            QueryItem.items(of: text).map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let asked = Received(
            method: request.method.rawValue, path: request.path, parameters: parameters, headers: request.headers)
        received.append(asked)
        let fault = faults.isEmpty ? nil : faults.removeFirst()
        switch fault {
        case .status(let status, let headers):
            var response = refusal(status, code: "scripted", "a scripted answer")
            for header in headers.all { response.headers.append(header.name, header.value) }
            return response
        case .silence:
            await never.value()
            return refusal(500, code: "stopped", "the double has stopped")
        case .cutAfterEffect:
            _ = answer(asked)
            return .takeOver { stream, _ in stream.close() }
        case nil:
            return answer(asked)
        }
    }

    /// What was answered once is answered again to the same key; with other parameters it is refused.
    private func answer(_ request: Received) -> HTTPResponse {
        guard request.headers["Authorization"] == "Bearer \(Self.key)" else {
            return refusal(401, code: nil, "Invalid API Key provided")
        }
        guard request.method == "POST" else { return handle(request) }
        guard let key = request.headers["Idempotency-Key"] else {
            return refusal(400, code: "missing_key", "the double wants an Idempotency-Key with every POST")
        }
        if let known = answers[key] {
            return known.parameters == request.parameters
                ? known.response
                : refusal(400, code: "idempotency_error", "Keys can only be used with the same parameters")
        }
        let response = handle(request)
        answers[key] = (request.parameters, response)
        return response
    }

    private func handle(_ request: Received) -> HTTPResponse {
        if let customer = request.parameters["customer"], deleted.contains(customer) {
            return refusal(
                400, code: "resource_missing", "No such customer: '\(customer)'", parameter: "customer")
        }
        let parts = request.path.split(separator: "/").map(String.init)
        switch (request.method, parts.dropFirst().first, parts.count) {
        case ("POST", "customers", 2): return object(makeCustomer(request.parameters))
        case ("POST", "checkout", 3): return checkout(request.parameters)
        case ("POST", "billing_portal", 3): return portal(request.parameters)
        case ("GET", "subscriptions", 2):
            return list(
                subscriptions.values.filter { $0["customer"]?.string == request.parameters["customer"] }
                    .sorted { ($0["created"]?.integer ?? 0) > ($1["created"]?.integer ?? 0) })
        case ("POST", "subscriptions", 3...4): return change(parts[2], parts.count == 4, request.parameters)
        case ("GET", "invoices", 2): return list(invoices[request.parameters["customer"] ?? ""] ?? [])
        default: return refusal(404, code: nil, "Unrecognized request URL")
        }
    }

    private func makeCustomer(_ parameters: [String: String]) -> JSONObject {
        let customer: JSONObject = [
            "id": .string(identifier("cus")), "object": "customer", "created": .number(now), "livemode": false,
            "name": .string(parameters["name"] ?? ""), "metadata": metadata("metadata", parameters),
        ]
        customers[customer["id"]?.string ?? ""] = customer
        return customer
    }

    private func checkout(_ parameters: [String: String]) -> HTTPResponse {
        if let address = parameters["success_url"], address.contains("refused-by-stripe") {
            return refusal(400, code: "url_invalid", "Not a valid URL", parameter: "success_url")
        }
        let id = identifier("cs_test")
        return object([
            "id": .string(id), "object": "checkout.session", "mode": "subscription", "status": "open",
            "url": .string("https://checkout.stripe.com/c/pay/\(id)"), "client_secret": nil, "subscription": nil,
            "customer": .string(parameters["customer"] ?? ""), "created": .number(now), "livemode": false,
            "client_reference_id": .string(parameters["client_reference_id"] ?? ""),
            "metadata": metadata("metadata", parameters),
        ])
    }

    private func portal(_ parameters: [String: String]) -> HTTPResponse {
        let id = identifier("bps")
        return object([
            "id": .string(id), "object": "billing_portal.session", "created": .number(now), "livemode": false,
            "customer": .string(parameters["customer"] ?? ""), "return_url": .string(parameters["return_url"] ?? ""),
            "url": .string("https://billing.stripe.com/p/session/\(id)"),
        ])
    }

    private func change(_ id: String, _ resumes: Bool, _ parameters: [String: String]) -> HTTPResponse {
        guard var subscription = subscriptions[id], subscription["status"] != "canceled" else {
            return refusal(404, code: "resource_missing", "No such subscription: '\(id)'", parameter: "id")
        }
        if resumes { subscription["status"] = "active" }
        if let wanted = parameters["cancel_at_period_end"] {
            subscription["cancel_at_period_end"] = .bool(wanted == "true")
        }
        subscriptions[id] = subscription
        return object(subscription)
    }

    private func metadata(_ name: String, _ parameters: [String: String]) -> JSON {
        var metadata = JSONObject()
        for (key, value) in parameters where key.hasPrefix("\(name)[") {
            metadata[String(key.dropFirst(name.count + 1).dropLast())] = .string(value)
        }
        return .object(metadata)
    }

    private func identifier(_ prefix: String) -> String {
        made += 1
        return "\(prefix)_double\(made)"
    }

    private var now: Int64 { Timestamp.now().milliseconds / 1000 }

    private func object(_ object: JSONObject) -> HTTPResponse {
        HTTPResponse(200, headers: ["Content-Type": "application/json"], body: JSON.object(object).serialized())
    }

    private func list(_ objects: [JSONObject]) -> HTTPResponse {
        object(["object": "list", "has_more": false, "url": "/v1", "data": .array(objects.map(JSON.object))])
    }

    private func refusal(_ status: Int, code: String?, _ message: String, parameter: String? = nil) -> HTTPResponse {
        var error: JSONObject = ["type": "invalid_request_error", "message": .string(message)]
        if let code { error["code"] = .string(code) }
        if let parameter { error["param"] = .string(parameter) }
        let body: JSON = ["error": .object(error)]
        return HTTPResponse(
            HTTPStatus(rawValue: status), headers: ["Content-Type": "application/json", "Request-Id": "req_double"],
            body: body.serialized())
    }
}
