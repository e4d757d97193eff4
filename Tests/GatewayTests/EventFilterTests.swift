import Bus
import JSON
import Models
import Testing

@testable import Gateway

@Suite("What a listener may see") struct EventFilterTests {
    private static let devices = [
        "app.connected", "app.disconnected", "device.alert", "device.claimed", "device.released", "device.status",
    ]
    private static let commands = ["command.completed", "command.failed", "command.resolved", "command.timeout"]
    private static let receipts = ["receipt.created"]

    @Test(
        "follows from the scopes of its key",
        arguments: [
            ([Scope.devicesRead], devices), ([.devices], devices), ([.devicesWrite], []), ([.reports], []),
            ([.commands], commands), ([.receipts], receipts), ([.receiptsRead], receipts), ([.receiptsAdmin], receipts),
            ([.commands, .receiptsRead], commands + receipts), ([.all], devices + commands + receipts), ([], []),
        ])
    func scopes(held: [Scope], types: [String]) throws {
        let filter = EventFilter(Caller(apiKeyId: "apikey_1", orgId: "acme", plan: .pro, scopes: held))
        #expect(filter.types.map(\.rawValue) == types.sorted())
        #expect(filter.isEmpty == types.isEmpty)
        for type in EventCatalogue.all.map({ $0.type }) {
            let event = LiveEvent(
                WrittenEvent(
                    position: OutboxPosition(xid: 1, id: 1), id: "evt_1", orgId: "acme", type: type,
                    createdAt: "2026-04-09T08:10:00.000Z", data: "{}"))
            #expect(event.map(filter.lets) ?? false == types.contains(type.rawValue), "\(type)")
        }
    }

    @Test("is everything with a session, whatever the role")
    func session() {
        for role in Role.allCases {
            let caller = Caller(userId: "usr_1", role: role, sessionId: "ses_1", orgId: "acme", plan: .free)
            #expect(EventFilter(caller).types.count == 11)
        }
    }

    @Test(
        "may be said with these frames only",
        arguments: [
            (#"{"type":"ping","x":1}"#, EventInboundFrame.ping), (#"{"type":"pong"}"#, .pong),
            (#"{"type":"auth","token":"a.b.c"}"#, .auth(token: "a.b.c")), (#"{"type":"auth"}"#, nil),
            (#"{"type":"auth","token":1}"#, nil), (#"{"type":"status"}"#, nil), (#"["ping"]"#, nil), ("", nil),
        ])
    func frames(text: String, frame: EventInboundFrame?) {
        #expect(EventInboundFrame(Array(text.utf8)) == frame)
    }
}
