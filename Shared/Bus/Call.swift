import Endpoints
import EventLoop
import JSON
import Models

/// A request to one endpoint, as its handler sees it.
package struct Call<Input: Decodable & Sendable>: Sendable {
    /// The request with its body untouched, for signatures and idempotency.
    package let request: BusRequest
    private let knownCaller: Caller?
    private let read: @Sendable (BusRequest) throws(APIError) -> Input

    init(_ request: BusRequest, caller: Caller?, read: @escaping @Sendable (BusRequest) throws(APIError) -> Input) {
        self.request = request
        knownCaller = caller
        self.read = read
    }

    /// Who calls. Only routes that want a credential have one: asking on an open route is a programming error and
    /// ends the process.
    package var caller: Caller {
        guard let knownCaller else { preconditionFailure("\(request.endpoint) is open: it has no caller") }
        return knownCaller
    }

    /// The caller's organization.
    package var orgId: OrgID { caller.orgId }

    /// The id that log lines, messages and mails caused by this call carry.
    package var requestId: String { request.requestId }

    /// The body as it was sent, whatever is wrong with it; nil when it is no JSON.
    package var sentBody: JSON? { try? JSON(parsing: request.body) }

    /// The value of a path parameter; empty for a name that the route's path does not have.
    package func path(_ name: String) -> String { request.path[name] ?? "" }

    /// A header field by its lower-case name.
    package func header(_ name: String) -> String? { request.headers[name] }

    /// The validated input, for routes of which nothing can be refused earlier.
    /// - Throws: 415, or 400 with all violations.
    package func input() throws(APIError) -> Input { try read(request) }

    /// The validated input; a wrong one is refused only after `earlierRefusal`, asked then and not otherwise, has nothing to
    /// say of what comes before the body: plan and existence.
    /// - Throws: that refusal, else 415, or 400 with all violations.
    package func input(unless earlierRefusal: () async throws -> APIError?) async throws -> Input {
        try await validInput { error in try await earlierRefusal() ?? error }
    }

    /// The validated input; what is thrown for a wrong one is what `refusal` makes of its 415 or 400, such as that with
    /// the fields which only the database finds wrong added. It is asked for a wrong input only.
    package func validInput(orThrow refusal: (APIError) async throws -> APIError) async throws -> Input {
        do {
            return try read(request)
        } catch {
            throw try await refusal(error)
        }
    }
}
