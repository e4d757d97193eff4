import Bus
import EventLoop
import JSON
import Models
import Postgres
import TestSupport
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
            try await fixture.announceDue()
            #expect(try await fixture.announcements() == [])
            let due = try await fixture.database.query(
                """
                SELECT due_at = (SELECT last_seen + interval '1 hour' FROM gateway.device_states) AS is_hour
                FROM alerts.schedule
                """)
            #expect(try due[0].bool("is_hour"))
            try await fixture.setState(of: "dev_1", "last_seen = now() - interval '61 minutes'")
            try await fixture.makeDue("dev_1")
            try await fixture.announceDue()
            try await fixture.announceDue()
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
            try await fixture.announcer.findForgotten()
            _ = try await allAtOnce(5) { number in
                guard number > 0 else { return try await fixture.occur(Self.flags) }
                try await fixture.announceDue(by: Announcer(pool: fixture.pool))
            }
            #expect(
                try await fixture.announcements().sorted() == (1...30).map { "dev_\($0) paper_low raised" }.sorted())
        }
    }

    @Test("says nothing of what came and went before anybody could look, nor of reports that arrive again or late")
    func flutter() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            let closed = DeviceFlagsReported(
                deviceId: "dev_1", paperEnd: false, paperNearEnd: false, coverOpen: false,
                fiscalMemoryAlmostFull: false, fault: nil, timestamp: Self.flags.timestamp)
            try await fixture.handle([fixture.happened(Self.flags), fixture.happened(closed)])
            #expect(try await fixture.announcements() == [])
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            try await fixture.handle([fixture.happened(closed), fixture.happened(Self.flags)])
            try await fixture.occur(closed)
            try await fixture.occur(Self.flags)
            #expect(try await fixture.announcements() == ["dev_1 cover_open raised"])
        }
    }

    @Test("names the request among several reasons to look at a device") func requests() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            let status = DeviceStatusChanged(deviceId: "dev_1", status: .online, timestamp: .now())
            try await fixture.handle([
                fixture.happened(status), fixture.happened(Self.flags, request: "req_1"), fixture.happened(status),
            ])
            #expect(try await fixture.announcements() == ["dev_1 cover_open raised req_1"])
        }
    }

    @Test("remembers nothing of a transition whose event could not be written") func oneTransaction() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            var hints = 0
            fixture.announcer.onAnnounced = { hints += 1 }
            _ = try await fixture.database.query(
                "ALTER TABLE bus.outbox ADD CONSTRAINT refused CHECK (type <> 'device.alert')")
            await #expect(throws: PostgresError.self) { try await fixture.occur(Self.flags) }
            #expect(try await fixture.database.query("SELECT FROM alerts.announced").isEmpty)
            _ = try await fixture.database.query("ALTER TABLE bus.outbox DROP CONSTRAINT refused")
            #expect(hints == 0)
            try await fixture.occur(Self.flags)
            #expect(try await fixture.announcements() == ["dev_1 cover_open raised"])
        }
    }

    @Test("looks again after a Z report, and not after a receipt")
    func commands() {
        func occasion(_ type: CommandType, _ event: EventType = CommandCompleted.type) -> Occasion? {
            Occasion(
                OutboxEvent(
                    id: "evt_1", orgId: "acme", type: event.rawValue, createdAt: .now(),
                    data: ["deviceId": "dev_1", "type": .string(type.rawValue)]))
        }
        #expect(occasion("z_report")?.deviceId == "dev_1")
        #expect(occasion("z_report", CommandResolved.type)?.deviceId == "dev_1")
        #expect(occasion("z_report", CommandTimedOut.type) == nil)
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

    @Test("clears what was raised of a device that is deleted, and forgets it") func deleted() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            try await fixture.occur(Self.flags)
            _ = try await fixture.database.query("DELETE FROM org.devices")
            try await fixture.occur(DeviceDeleted(deviceId: "dev_1"))
            try await fixture.occur(Self.flags)
            #expect(
                try await fixture.announcements() == ["dev_1 cover_open raised", "dev_1 cover_open cleared"])
            let left = try await fixture.database.query(
                "SELECT 1 FROM alerts.schedule UNION ALL SELECT 1 FROM alerts.announced")
            #expect(left.isEmpty)
        }
    }

    @Test("finds without any event that a device was deleted") func deletedUnheard() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "cover_open_since = now()")
            try await fixture.occur(Self.flags)
            _ = try await fixture.database.query("DELETE FROM org.devices")
            try await fixture.makeDue("dev_1")
            try await fixture.announceDue()
            #expect(try await fixture.announcements().last == "dev_1 cover_open cleared")
        }
    }

    @Test("calls a device by its present name when an alert is cleared") func renamed() async throws {
        try await AlertsFixture.run { fixture in
            try await fixture.addDevice("dev_1")
            try await fixture.setState(of: "dev_1", "cover_open_since = '2026-04-25T08:42:11.503Z'")
            try await fixture.occur(Self.flags)
            _ = try await fixture.database.query("UPDATE org.devices SET name = 'Terasa', location_id = 'loc_acme'")
            try await fixture.occur(Self.flags)
            try await fixture.setState(of: "dev_1", "cover_open_since = NULL")
            try await fixture.occur(Self.flags)
            let alerts = try await fixture.database.events(DeviceAlertChanged.self).map(\.alert)
            #expect(alerts.map(\.deviceName) == ["POS dev_1", "Terasa"])
            #expect(alerts.map(\.detectedAt) == ["2026-04-25T08:42:11.503Z", "2026-04-25T08:42:11.503Z"])
        }
    }
}
