import Bus
import EventLoop
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("What may pass") @Loop struct ConditionTests {
    private static let first: Timestamp = "2026-04-26T15:30:00.000Z"

    @Test("is told once however often its event is handed out")
    func repeated() async throws {
        try await MailerFixture.run { fixture in
            let event = try fixture.event(.raised, at: Self.first)
            try await fixture.handle(event)
            try await fixture.tell(at: Self.first)
            try await fixture.handle(event)
            try await fixture.tell(at: Self.first + .seconds(3600))
            #expect(try await fixture.kinds() == ["alert_raised pending"])
        }
    }

    @Test("is told once in 15 minutes where it comes and goes, and at their end if it holds then")
    func damping() async throws {
        try await MailerFixture.run { fixture in
            func told(at seconds: Int) async throws -> [String] {
                try await fixture.tell(at: Self.first + .seconds(seconds))
                return try await fixture.database.query("SELECT event_id FROM mailer.jobs ORDER BY event_id")
                    .map { try $0.string("event_id") }
            }
            try await fixture.handle(fixture.event(.raised, id: "evt_1", at: Self.first))
            #expect(try await told(at: 0) == ["evt_1"])
            try await fixture.handle(
                fixture.event(.cleared, id: "evt_2", at: Self.first + .seconds(60)),
                fixture.event(.raised, id: "evt_3", at: Self.first + .seconds(61)),
                fixture.event(.cleared, id: "evt_4", at: Self.first + .seconds(62)),
                fixture.event(.raised, "paper_low", id: "evt_5", at: Self.first + .seconds(63)),
                fixture.event(.raised, id: "evt_6", at: Self.first + .seconds(64)))
            #expect(try await told(at: 64) == ["evt_1", "evt_5"])
            #expect(try await told(at: 899) == ["evt_1", "evt_5"])
            #expect(try await told(at: 900) == ["evt_1", "evt_5", "evt_6"])
        }
    }

    @Test("is followed by a mail when it has passed, to those who were told that it holds and to nobody else")
    func followed() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            try await fixture.deliver()
            _ = try await fixture.database.query(
                """
                INSERT INTO org.notification_subscribers (org_id, email, categories)
                VALUES ('acme', 'new@acme.example', '{alerts}')
                """)
            try await fixture.handle(fixture.event(.cleared, id: "evt_2"))
            try await fixture.deliver()
            #expect(try await fixture.kinds() == ["alert_raised sent", "alert_cleared sent"])
            let mail = try #require(try fixture.mail(2))
            #expect(mail["fields"]?["subject"] == "[e-bon] Rezolvat: Capacul este deschis – Casa 1 – București")
            #expect(mail["fields"]?["to"] == "owner@acme.example")
            #expect(mail["defects"] == [])
            try await fixture.handle(fixture.event(.cleared, id: "evt_3"))
            #expect(try await fixture.kinds().count == 2)
        }
    }

    @Test("is not told any more when it has passed before, and then not followed either")
    func overBefore() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(
                fixture.event(.raised), fixture.event(.cleared, id: "evt_2"), fixture.event(.raised, id: "evt_3"))
            try await fixture.tell()
            try await fixture.handle(fixture.event(.cleared, id: "evt_4"))
            try await fixture.deliver()
            #expect(try await fixture.kinds() == ["alert_raised withdrawn"])
        }
    }

    @Test("leaves nothing to say where it came and went, and what was said before is taken back, within one batch")
    func withinABatch() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(batch: [fixture.event(.raised), fixture.event(.cleared, id: "evt_2")])
            try await fixture.deliver()
            #expect(try await fixture.kinds() == [])
            try await fixture.handle(fixture.event(.raised, id: "evt_3"))
            try await fixture.deliver()
            let later = Timestamp.now() + .seconds(1)
            try await fixture.handle(
                batch: [
                    fixture.event(.cleared, id: "evt_4", at: later), fixture.event(.raised, id: "evt_5", at: later),
                ],
                at: later)
            try await fixture.tell(at: later + Conditions.damping)
            #expect(
                try await fixture.kinds() == ["alert_raised sent", "alert_cleared pending", "alert_raised pending"])
        }
    }

    @Test("that passes while its mail is on the way is followed once that mail has gone out")
    func onTheWay() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            let job = try #require(try await fixture.store.claim(1, at: .now()).jobs.first)
            try await fixture.handle(fixture.event(.cleared, id: "evt_2"))
            #expect(try await fixture.kinds() == ["alert_raised pending", "alert_cleared pending"])
            #expect(try await fixture.store.claim(9, at: .now()).jobs.isEmpty)
            try await fixture.store.record(.sent, of: job, at: .now())
            #expect(
                try await fixture.store.claim(9, at: .now() + .seconds(1)).jobs.map(\.kind) == [.alertCleared])
        }
    }

    @Test("that passes while its mail is refused is not told any more, and then not followed either")
    func refused() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            let job = try #require(try await fixture.store.claim(1, at: .now()).jobs.first)
            try await fixture.handle(fixture.event(.cleared, id: "evt_2"))
            try await fixture.store.record(.again(at: .now(), reason: "451 later"), of: job, at: .now())
            #expect(try await fixture.store.claim(9, at: .now() + .seconds(1)).jobs.isEmpty)
            #expect(try await fixture.kinds() == ["alert_raised withdrawn", "alert_cleared withdrawn"])
        }
    }

    @Test("waits a day where it has held since the device was created, and is then told only if it still holds")
    func fromTheBeginning() async throws {
        try await MailerFixture.run { fixture in
            let created = try await fixture.database.query("SELECT created_at FROM org.devices")[0].timestamp(
                "created_at")
            try await fixture.handle(fixture.event(.raised, "z_report_overdue", since: created))
            try await fixture.tell(at: created + .seconds(86_399))
            #expect(try await fixture.kinds() == [])
            try await fixture.handle(fixture.event(.cleared, "z_report_overdue", id: "evt_2"))
            try await fixture.tell(at: created + .seconds(86_400))
            #expect(try await fixture.kinds() == [])
            try await fixture.handle(fixture.event(.raised, "z_report_overdue", id: "evt_3", since: created))
            try await fixture.tell(at: created + .seconds(86_400))
            #expect(try await fixture.kinds() == ["alert_raised pending"])
        }
    }

    @Test("is not told of a device that was deleted, whatever is still heard of it")
    func deletedDevice() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(
                fixture.event(.raised), fixture.event(.raised, "paper_low", id: "evt_2"))
            try await fixture.tell()
            _ = try await fixture.database.query("DELETE FROM org.devices")
            try await fixture.handle(
                fixture.event(DeviceDeleted(deviceId: "dev_1"), id: "evt_3"),
                fixture.event(DeviceStatusChanged(deviceId: "dev_1", status: .offline, timestamp: .now()), id: "evt_4"))
            try await fixture.tell(at: .now() + .seconds(3600))
            #expect(try await fixture.kinds() == ["alert_raised withdrawn", "alert_raised withdrawn"])
        }
    }

    @Test("is not said to have passed with a device that was deleted", arguments: [true, false])
    func clearedByDeletion(inOneBatch: Bool) async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            try await fixture.deliver()
            let end = try [
                fixture.event(DeviceDeleted(deviceId: "dev_1"), id: "evt_2"), fixture.event(.cleared, id: "evt_3"),
            ]
            for batch in inOneBatch ? [end] : end.map({ [$0] }) { try await fixture.handle(batch: batch) }
            #expect(try await fixture.kinds() == ["alert_raised sent"])
        }
    }

    @Test("is no news when it is said to hold again without having passed")
    func saidAgain() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised, at: Self.first))
            try await fixture.tell(at: Self.first)
            try await fixture.handle(fixture.event(.raised, id: "evt_2", at: Self.first + .seconds(3600)))
            try await fixture.tell(at: Self.first + .seconds(7200))
            #expect(try await fixture.kinds() == ["alert_raised pending"])
        }
    }

    @Test("is not told to those who do not subscribe to it any more when the mail is to go out")
    func unsubscribed() async throws {
        try await MailerFixture.run("data-temporary") { fixture in
            try await fixture.handle(fixture.event(.raised), fixture.event(.raised, "paper_low", id: "evt_2"))
            try await fixture.tell()
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example pending 1", "owner@acme.example pending 1"])
            try await fixture.subscribe("{billing}")
            #expect(try await fixture.store.claim(9, at: .now() + .seconds(60)).withdrawn == 2)
            #expect(try await fixture.jobs() == ["owner@acme.example withdrawn 1", "owner@acme.example withdrawn 1"])
        }
    }
}
