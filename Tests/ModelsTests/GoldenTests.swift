import FoundationEssentials
import JSON
import Testing

@testable import Models

/// A stored text was written by an earlier release: that it still decodes is what lets releases run side by side.
@Suite("Golden JSON") struct GoldenTests {
    private static let messages: [any BusMessage.Type] = [
        ResolveCredential.self, DeliverCommand.self, QueryJournal.self, EvictSession.self, ReportResults.self,
        JournalReport.self, DeviceConnected.self, OutboxGrew.self, CommandsFinished.self, DeviceGone.self,
        CredentialsChanged.self,
    ]

    private func golden(_ name: String) throws -> JSON {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(name).json")
        return try JSON(parsing: Array(Data(contentsOf: file)))
    }

    @Test("of every bus message decodes, and is what the example encodes to")
    func messagesDecode() throws {
        for message in Self.messages { try check(message, named: message.subject) }
    }

    @Test("of every event decodes, and is what the example encodes to")
    func eventsDecode() throws {
        for event in EventCatalogue.all { try check(event, named: "event.\(event.type)") }
    }

    private func check<Value: BusMessage>(_ type: Value.Type, named name: String) throws {
        try check(type, Value.example, named: name)
    }

    private func check<Value: EventData>(_ type: Value.Type, named name: String) throws {
        try check(type, Value.example, named: name)
    }

    private func check<Value: Codable>(_ type: Value.Type, _ example: Value, named name: String) throws {
        let stored = try golden(name)
        #expect(try JSON(encoding: example) == stored, "\(name)")
        #expect(try JSON(encoding: stored.decode(Value.self)) == stored, "\(name)")
    }

    @Test("subjects and event types are unique")
    func uniqueness() {
        #expect(Set(Self.messages.map { $0.subject }).count == Self.messages.count)
        #expect(Set(EventCatalogue.all.map { $0.type }).count == EventCatalogue.all.count)
    }

    @Test("the events of the contract are public, the others stay inside")
    func publicEvents() {
        let expected: Set<EventType> = [
            "device.status", "device.claimed", "device.released", "device.alert", "receipt.created",
            "command.completed", "command.failed", "command.timeout", "command.resolved", "app.connected",
            "app.disconnected",
        ]
        #expect(Set(EventCatalogue.publicScopes.keys) == expected)
    }
}
