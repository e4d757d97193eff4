import Bus
import EventLoop
import JSON
import Models
import Testing

@testable import AlertsEngine

@Suite("The announcer") @Loop struct AnnouncerTests {
    private static let flags = DeviceFlagsReported(
        deviceId: "dev_1", paperEnd: false, paperNearEnd: false, coverOpen: true, fiscalMemoryAlmostFull: false,
        fault: nil, timestamp: "2026-04-09T08:10:00.000Z")

    @Test("says once that an alert was raised and once that it was cleared, with the request that caused it")
    func flags() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            var hints = 0
            fixture.announcer.onAnnounced = { hints += 1 }
            try await fixture.occur(Self.flags)
            #expect(try await fixture.announcements() == [])
            #expect(hints == 0)
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            try await fixture.occur(Self.flags, request: "req_1")
            try await fixture.occur(Self.flags, request: "req_2")
            #expect(try await fixture.announcements() == ["dev_1 cover_open raised req_1"])
            #expect(hints == 1)
            try await fixture.setState(of: "dev_1", "cover_open_since = NULL")
            try await fixture.occur(Self.flags)
            #expect(
                try await fixture.announcements() == ["dev_1 cover_open raised req_1", "dev_1 cover_open cleared"])
        }
    }

    @Test("notices without any event that a device has been away for an hour")
    func clock() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "connected = false, last_seen = now() - interval '59 minutes'")
            try await fixture.occur(AppDisconnected(deviceId: "dev_1", code: 1006, reason: nil))
            try await fixture.announcer.announceDue()
            #expect(try await fixture.announcements() == [])
            let due = try await fixture.database.query(
                """
                SELECT due_at = (SELECT last_seen + interval '1 hour' FROM gateway.device_states) AS is_hour
                FROM alerts.schedule
                """)
            #expect(try due[0].bool("is_hour"))
            try await fixture.setState(of: "dev_1", "last_seen = now() - interval '61 minutes'")
            try await fixture.makeDue("dev_1")
            try await fixture.announcer.announceDue()
            try await fixture.announcer.announceDue()
            #expect(try await fixture.announcements() == ["dev_1 disconnected raised"])
        }
    }

    @Test("announces a transition once however many replicas are at work")
    func replicas() async throws {
        try await AlertsFixture.run { fixture in
            for number in 1...30 {
                try await fixture.addDevice(DeviceID("dev_\(number)"))
                try await fixture.setState(of: DeviceID("dev_\(number)"), "paper_end_since = now()")
            }
            try await fixture.announcer.adoptUnknown()
            let others = (0..<4).map { _ in Announcer(pool: fixture.pool) }
            let tasks = others.map { other in Task.immediate { @Loop in try await other.announceDue() } }
            let event = Task.immediate { @Loop in try await fixture.occur(Self.flags) }
            for task in tasks { try await task.value }
            try await event.value
            #expect(
                try await fixture.announcements().sorted() == (1...30).map { "dev_\($0) paper_low raised" }.sorted())
        }
    }

    @Test("looks again after a Z report, and not after a receipt")
    func commands() {
        func occasion(_ type: CommandType) -> Occasion? {
            Occasion(
                OutboxEvent(
                    id: "evt_1", orgId: "acme", type: "command.completed", createdAt: .now(),
                    data: ["deviceId": "dev_1", "type": .string(type.rawValue)]))
        }
        #expect(occasion("z_report")?.deviceId == "dev_1")
        #expect(occasion("x_report") == nil)
        #expect(occasion("print_receipt") == nil)
    }

    @Test("clears an overdue Z report when one is completed")
    func closedDay() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            _ = try await fixture.database.query("UPDATE dispatch.lanes SET last_z_report_at = NULL")
            try await fixture.occur(DeviceRegistered(deviceId: "dev_1", createdAt: .now()))
            _ = try await fixture.database.query("UPDATE dispatch.lanes SET last_z_report_at = now()")
            try await fixture.handle([
                OutboxEvent(
                    id: "evt_1", orgId: "acme", type: "command.completed", createdAt: .now(),
                    data: ["deviceId": "dev_1", "type": "z_report"])
            ])
            #expect(
                try await fixture.announcements() == [
                    "dev_1 z_report_overdue raised", "dev_1 z_report_overdue cleared",
                ])
        }
    }

    @Test("forgets a device that was deleted, silently")
    func deleted() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            try await fixture.occur(Self.flags)
            _ = try await fixture.database.query("DELETE FROM org.devices")
            try await fixture.occur(DeviceDeleted(deviceId: "dev_1"))
            #expect(try await fixture.announcements() == ["dev_1 cover_open raised"])
            let left = try await fixture.database.query(
                "SELECT 1 FROM alerts.schedule UNION ALL SELECT 1 FROM alerts.announced")
            #expect(left.isEmpty)
        }
    }
}
