import Crypto
import Endpoints
import HTTP
import JSON
import Models

/// What a listener's handshake says, once it has been found well-formed and vouched for by the edge.
struct EventHandshake {
    let caller: Caller
    let credentialExpires: Timestamp?
    let filter: EventFilter
    let since: EventID?

    static func isMeant(by request: HTTPRequest) -> Bool { request.queryItems.contains { $0.name == "subscribe" } }

    init(_ request: HTTPRequest, signature: SignedCaller, now: Timestamp) throws(APIError) {
        let vouched = try VouchedCaller(of: request, signature: signature, now: now)
        caller = vouched.caller
        credentialExpires = vouched.expiresAt
        filter = EventFilter(caller)
        guard !filter.isEmpty else { throw .lacksScope(EventCatalogue.listeningScopes) }
        since = try Self.since(request)
    }

    private static func since(_ request: HTTPRequest) throws(APIError) -> EventID? {
        var violations: [Violation] = []
        let items = request.queryItems
        if items.contains(where: { $0.name == "deviceId" }) {
            violations.append(Violation(path: "query.deviceId", message: "deviceId and subscribe exclude each other"))
        }
        if items.first(where: { $0.name == "subscribe" })?.value != "events" {
            violations.append(Violation(path: "query.subscribe", message: "subscribe must be one of: events"))
        }
        let since = items.first { $0.name == "since" }?.value
        if let since, !(1...128).contains(since.utf8.count) || !since.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            violations.append(Violation(path: "query.since", message: "since must be the id of an event"))
        }
        guard violations.isEmpty else { throw .validation(violations) }
        return since.map { EventID($0) }
    }
}
