import Endpoints
import EventLoop
import JSON
import Models

extension Bus {
    /// Mounts the handler of an endpoint; its output is answered with the route's success status. See
    /// ``mount(_:replying:)`` for everything else.
    package func mount<Input, Output>(
        _ endpoint: Endpoint<Input, Output>, _ handler: @escaping @Loop (Call<Input>) async throws -> Output
    ) {
        let success = endpoint.route.success
        mount(
            endpoint,
            replying: { call in
                let output = try await handler(call)
                return success.schema == nil
                    ? BusReply(status: success.status) : try BusReply(output, status: success.status)
            })
    }

    /// Mounts a handler that makes its reply itself (another status, header fields, a stored answer).
    ///
    /// An `APIError` that it throws becomes its envelope, a dependency that was away 503, anything else is logged and
    /// becomes a 500. A caller whom nobody vouches for is 503.
    package func mount<Input, Output>(
        _ endpoint: Endpoint<Input, Output>, replying handler: @escaping @Loop (Call<Input>) async throws -> BusReply
    ) {
        let isOpen = !endpoint.route.access.wantsCredential
        serve(endpoint.route.name) { [callers] request in
            do {
                let caller = try request.caller.map(callers.caller(of:))
                guard isOpen || caller != nil else { throw APIError.unauthorized("A credential is required") }
                let call = Call<Input>(request, caller: caller) { request throws(APIError) in
                    try endpoint.input(
                        body: request.body[...], contentType: request.headers["content-type"], query: request.query,
                        idempotencyKey: request.headers[IdempotencyKey.field])
                }
                return try await handler(call)
            } catch {
                return BusReply(error, in: request)
            }
        }
    }
}

extension BusReply {
    /// A JSON body.
    package init(_ body: some Encodable, status: Int = 200, headers: [String: String] = [:]) throws {
        var headers = headers
        headers["content-type"] = "application/json"
        self.init(status: status, headers: headers, body: try JSON.text(encoding: body))
    }
}
