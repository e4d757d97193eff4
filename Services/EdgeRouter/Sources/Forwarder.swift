import Bus
import Endpoints
import EventLoop
import HTTP
import ServiceRuntime

/// Hands a request to the service that owns its route, and its answer back.
@Loop struct Forwarder {
    let bus: Bus
    private let strangersFailures = LogAllowance()

    init(bus: Bus) { self.bus = bus }

    private static let longestField = 4096

    func forward(
        _ request: HTTPRequest, to handle: RouteHandle, parameters: [String: String], credential: Credential?,
        client: String, requestId: String
    ) async throws(APIError) -> HTTPResponse {
        let route = handle.route
        let message = BusRequest(
            endpoint: route.name, path: parameters, query: try query(of: request),
            headers: fields(of: request, route, client), caller: credential?.vouched, requestId: requestId,
            deadline: Loop.now + route.deadline,
            body: route.takesBody ? request.body : [])
        do throws(BusError) {
            let reply = try await bus.call(
                message, to: route.service, isRepeatable: handle.isRepeatable, isPatient: handle.isPatient)
            return HTTPResponse(reply)
        } catch {
            if let skipped = credential == nil ? strangersFailures.take() : 0 {
                let fields: LogFields = ["route": route.name, "error": String(describing: error), "skipped": skipped]
                Log.error("no answer from the owner of the route", fields, requestId: requestId)
            }
            // What may be on paper must not be ordered again unseen.
            throw error == .noAnswer && handle.waitsForDevice ? .commandLost : .temporarilyUnavailable
        }
    }

    private func query(of request: HTTPRequest) throws(APIError) -> [String: String] {
        guard let text = request.query, !text.isEmpty else { return [:] }
        var query: [String: String] = [:]
        for item in request.queryItems where query[item.name] == nil {
            // Neither the bus nor the database takes a NUL.
            guard !item.value.utf8.contains(0), !item.name.utf8.contains(0) else {
                throw .nulInQuery
            }
            query[item.name] = item.value
        }
        return query
    }

    private func fields(of request: HTTPRequest, _ route: Route, _ client: String) -> [String: String] {
        var fields = ["x-forwarded-for": client]
        func pass(_ name: String) {
            if let value = request.headers[name] { fields[name] = String(value.prefix(Self.longestField)) }
        }
        if route.takesBody { pass("content-type") }
        if route.isIdempotent { pass(IdempotencyKey.field) }
        if route.access == .signed { pass("stripe-signature") }
        return fields
    }
}
