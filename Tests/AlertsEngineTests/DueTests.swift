import EventLoop
import Models
import Postgres
import TestSupport
import Testing

@testable import AlertsEngine

@Suite("A device's due time") @Loop struct DueTests {
    private func addDevices(_ count: Int, _ fixture: AlertsFixture) async throws {
        _ = try await fixture.database.query(
            """
            INSERT INTO org.devices (
                device_id, org_id, location_id, name, protocol, transport, connection_params, created_at)
            SELECT 'dev_' || n, 'acme', 'loc_acme', 'POS', 'datecs', 'tcp', '{}', now() - interval '59 minutes'
            FROM generate_series(1, $1::integer) AS n
            """, [count])
        _ = try await fixture.database.query(
            """
            INSERT INTO dispatch.lanes (device_id, org_id, last_z_report_at)
            SELECT device_id, org_id, created_at FROM org.devices
            """)
    }

    @Test("that ten thousand devices share finds each of them once, whoever of three replicas has it")
    func tenThousand() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(10_000, fixture)
            try await fixture.announcer.findForgotten()
            try await fixture.announceDue()
            #expect(try await fixture.announcements() == [])
            _ = try await fixture.database.atomically([
                ("UPDATE org.devices SET created_at = created_at - interval '1 minute'", []),
                ("UPDATE alerts.schedule SET due_at = now()", []),
            ])
            _ = try await allAtOnce(3) { _ in
                try await fixture.announceDue(by: Announcer(pool: fixture.pool))
            }
            let events = try await fixture.database.events(DeviceAlertChanged.self)
            #expect(events.count == 10_000)
            #expect(Set(events.map(\.deviceId)).count == 10_000)
            #expect(events.allSatisfy { $0.alert.type == "disconnected" && $0.state == .raised })
        }
    }

    @Test("is found by an index, without a look at those whose time has not come") func index() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(10_000, fixture)
            try await fixture.announcer.findForgotten()
            let rows = try await fixture.database.atomically([
                ("UPDATE alerts.schedule SET due_at = now() + interval '1 hour'", []),
                ("ANALYZE alerts.schedule", []),
                (Statement("PREPARE due AS \(AnnouncementStore.lockDue(200).statement.text)"), []),
                ("EXPLAIN EXECUTE due (200)", []),
            ])
            let plan = try rows[3].map { try $0.string("QUERY PLAN") }.joined(separator: "\n")
            #expect(plan.contains("Index Cond: (due_at <= now())"), "\(plan)")
        }
    }

    @Test("says how long there is nothing to do") func pause() async throws {
        try await AlertsFixture.run { fixture in
            #expect(try await fixture.announcer.announceDue() == nil)
            try await addDevices(1, fixture)
            var scheduled: [Duration] = []
            fixture.announcer.onScheduled = { scheduled.append($0) }
            try await fixture.announcer.findForgotten()
            #expect(scheduled == [.zero])
            #expect(try await fixture.announcer.announceDue() == .zero)
            let pause = try #require(try await fixture.announcer.announceDue())
            #expect(pause > .seconds(50) && pause <= .seconds(60))
            #expect(scheduled.count == 2 && scheduled[1] >= pause && scheduled[1] <= .seconds(60))
        }
    }

    @Test("waits for the end of a batch of events, which leaves no other room if it must") func held() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(1, fixture)
            _ = try await fixture.database.query("UPDATE org.devices SET created_at = now() - interval '1 hour'")
            try await fixture.announcer.findForgotten()
            _ = try await fixture.announcer.consumer.betweenBatches { batch in
                #expect(try await fixture.announcer.announceDue() == .milliseconds(100))
                #expect(try await Announcer(pool: fixture.pool).announceDue() == .milliseconds(100))
                try await fixture.announcer.handle([], batch)
            }
            #expect(try await fixture.announcements() == ["dev_1 disconnected raised"])
        }
    }

    @Test("never has its event stand in front of what was announced before") func order() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(1, fixture)
            _ = try await fixture.database.query("UPDATE org.devices SET created_at = now() - interval '1 hour'")
            try await fixture.announcer.findForgotten()
            let connected = AppConnected(deviceId: "dev_1", appVersion: "1", deviceModel: "", osVersion: "")
            _ = try await fixture.announcer.consumer.betweenBatches { batch in
                // It has begun, so that what it writes stands before what others write from now on.
                _ = try await Announcer(pool: fixture.pool).announceDue()
                try await fixture.addState(of: "dev_1")
                try await fixture.announcer.handle([fixture.happened(connected)], batch)
            }
            try await fixture.announceDue()
            #expect(try await fixture.announcements() == [])
        }
    }

    @Test("wakes a replica at that moment, and not before") func timer()
        async throws
    {
        try await AlertsFixture.run { fixture in
            try await addDevices(2, fixture)
            let timer = DueTimer { try await fixture.announcer.announceDue() }
            fixture.announcer.onScheduled = { timer.wake(within: $0) }
            timer.start()
            _ = try await fixture.database.query(
                "UPDATE org.devices SET created_at = now() - interval '1 hour' + interval '300 milliseconds'")
            try await fixture.announcer.findForgotten()
            let events: [DeviceAlertChanged]? = try await eventually {
                let events = try await fixture.database.events(DeviceAlertChanged.self)
                return events.count == 2 ? events : nil
            }
            await timer.stop(deadline: .current + .seconds(5))
            let early = try await fixture.database.query(
                """
                SELECT FROM bus.outbox
                WHERE type = 'device.alert' AND created_at < (data #>> '{alert,detectedAt}')::timestamptz
                """)
            #expect(events != nil)
            #expect(early.isEmpty)
        }
    }

    @Test("is written once for many events that do not bring it nearer") func unchanged() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(1, fixture)
            let status = DeviceStatusChanged(deviceId: "dev_1", status: .online, timestamp: .now())
            func row() async throws -> [String] {
                try await fixture.database.query("SELECT ctid::text || ' ' || due_at AS row FROM alerts.schedule")
                    .map { try $0.string("row") }
            }
            try await fixture.occur(status)
            let written = try await row()
            try await fixture.occur(status)
            try await fixture.addState(of: "dev_1")
            try await fixture.occur(status)
            #expect(try await row() == written)
            try await fixture.setState(of: "dev_1", "connected = false, last_seen = now() - interval '59.5 minutes'")
            try await fixture.occur(status)
            #expect(try await row() != written)
        }
    }

    @Test("that was written when the clock was ahead is brought forward") func clockWasAhead() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(2, fixture)
            try await fixture.announcer.findForgotten()
            try await fixture.announceDue()
            _ = try await fixture.database.atomically([
                ("UPDATE org.devices SET created_at = now() - interval '1 hour'", []),
                ("UPDATE alerts.schedule SET due_at = now() + interval '25 hours' WHERE device_id = 'dev_1'", []),
                ("UPDATE alerts.schedule SET due_at = now() + interval '59 minutes' WHERE device_id = 'dev_2'", []),
            ])
            try await fixture.announcer.findForgotten()
            try await fixture.announceDue()
            #expect(try await fixture.announcements() == ["dev_1 disconnected raised"])
        }
    }

    @Test("that comes a second time, since a clock was set back, is no news") func clockSetBack() async throws {
        try await AlertsFixture.run { fixture in
            try await addDevices(1, fixture)
            _ = try await fixture.database.query("UPDATE org.devices SET created_at = now() - interval '60 minutes'")
            try await fixture.announcer.findForgotten()
            try await fixture.announceDue()
            // Seen from a clock that was set back, all that is written down lies ahead.
            _ = try await fixture.database.atomically([
                ("UPDATE org.devices SET created_at = created_at + interval '10 minutes'", []),
                (
                    """
                    UPDATE alerts.announced SET alert = alert || jsonb_build_object('detectedAt',
                        to_char((SELECT created_at + interval '1 hour' FROM org.devices) AT TIME ZONE 'UTC',
                            'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
                    """, []
                ),
            ])
            try await fixture.makeDue("dev_1")
            try await fixture.announceDue()
            #expect(try await fixture.announcements() == ["dev_1 disconnected raised"])
            _ = try await fixture.database.query(
                "UPDATE org.devices SET created_at = created_at - interval '10 minutes'")
            try await fixture.makeDue("dev_1")
            try await fixture.announceDue()
            #expect(try await fixture.announcements() == ["dev_1 disconnected raised"])
        }
    }
}
