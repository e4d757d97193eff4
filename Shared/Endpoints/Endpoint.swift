import JSON
import Models

/// A route together with the types of what goes in and what comes out.
///
/// The input is decoded from the body when the route has one, else from the query string.
package struct Endpoint<Input: Decodable & Sendable, Output: Encodable & Sendable>: Sendable {
    /// Everything about it that does not depend on the types.
    package let route: Route

    /// An endpoint; see ``Route`` for the parts.
    package init(
        _ name: String, _ service: ServiceName, _ method: Route.Method, _ path: PathTemplate, summary: String,
        notes: String = "", access: Access, isRateLimited: Bool = true, buckets: Set<Bucket> = [],
        body: Schema? = nil, query: [Field] = [], isIdempotent: Bool = false, success: Route.Success,
        errors: [APIError] = [], bodyLimit: Int = 1 << 20, deadline: Duration = .seconds(10)
    ) {
        route = Route(
            name: name, service: service, method: method, path: path, summary: summary, notes: notes,
            access: access, buckets: isRateLimited ? buckets.union([.global]) : [], body: body, query: query,
            isIdempotent: isIdempotent, success: success, errors: errors, bodyLimit: bodyLimit,
            deadline: deadline)
    }

    /// The input of a request.
    ///
    /// An empty body stands for `{}`.
    /// - Parameters:
    ///   - contentType: the `Content-Type` field as it was sent.
    ///   - idempotencyKey: the `Idempotency-Key` field; looked at where the route honours it.
    /// - Throws: 415 for another media type, 400 `BAD_REQUEST` for what is no JSON, 400 `VALIDATION_ERROR` with every
    ///   wrong field.
    package func input(
        body: ArraySlice<UInt8>, contentType: String?, query: [String: String], idempotencyKey: String? = nil
    ) throws(APIError) -> Input {
        let value = route.body == nil ? route.query.object(fromQuery: query) : try Self.json(body, contentType)
        var violations = route.query.violations(ofQuery: query)
        if let schema = route.body { violations += schema.violations(of: value, at: "body") }
        if route.isIdempotent, let key = idempotencyKey {
            violations += IdempotencyKey.schema.violations(of: .string(key), at: "headers.\(IdempotencyKey.field)")
        }
        guard violations.isEmpty else { throw .validation(violations) }
        do {
            return try value.decode(Input.self)
        } catch {
            throw .validation([Violation(decoding: error, at: route.body == nil ? "query" : "body")])
        }
    }

    private static func json(_ body: ArraySlice<UInt8>, _ contentType: String?) throws(APIError) -> JSON {
        guard !body.isEmpty else { return .object([:]) }
        let mediaType = contentType?.prefix { $0 != ";" }.lowercased().trimmingSpaces
        guard mediaType == "application/json" else {
            throw .wrongMediaType
        }
        do {
            return try JSON(parsing: body)
        } catch {
            throw .invalidJSON(error)
        }
    }
}

extension Violation {
    /// What a decoder found wrong, as a violation below a root.
    fileprivate init(decoding error: any Error, at root: String) {
        guard let error = error as? DecodingError else {
            self.init(path: root, message: "\(root) is not valid")
            return
        }
        let path = error.path.isEmpty ? root : "\(root).\(error.path)"
        self.init(path: path, message: "\(error.path.isEmpty ? root : error.path) \(error.expectation)")
    }
}

extension String {
    fileprivate var trimmingSpaces: String {
        var text = self[...]
        while text.last == " " || text.last == "\t" { text.removeLast() }
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        return String(text)
    }
}

/// The input of an endpoint that takes none.
package struct NoInput: Codable, Sendable {
    /// Nothing.
    package init() {}
}

/// The output of an endpoint that answers without a body.
package struct NoOutput: Codable, Sendable {
    /// Nothing.
    package init() {}
}
