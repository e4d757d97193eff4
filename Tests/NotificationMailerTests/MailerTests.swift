import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("The mailer") @Loop struct MailerTests {
    @Test("mails a raised alert to those who want to know, as a mail that others can read")
    func raised() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            #expect(try await fixture.jobs() == ["owner@acme.example pending 0"])
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example sent 1"])
            #expect(fixture.server.accepted("envelope") == "no-reply@e-bon.example\nowner@acme.example")
            let mail = try #require(try fixture.mail(1))
            #expect(mail["defects"] == [])
            #expect(mail["fields"]?["subject"] == "[e-bon] Eroare: Capacul este deschis – Casa 1 – București")
            #expect(mail["fields"]?["from"] == "e-bon <no-reply@e-bon.example>")
            #expect(mail["fields"]?["to"] == "owner@acme.example")
            for part in ["plain", "html"] {
                let text = try #require(mail["bodies"]?[part]?.string)
                #expect(text.contains("26.04.2026, 18:30"))
                #expect(text.contains("Casa 1 – București (dev_1)"))
                #expect(text.contains("ACME"))
            }
            try await fixture.deliver()
            #expect(try fixture.mail(2) == nil)
        }
    }

    @Test("makes one job of an event however often it is handed out")
    func repeated() async throws {
        try await MailerFixture.run { fixture in
            let event = try fixture.event(.raised, at: "2026-04-26T15:30:12.345Z")
            try await fixture.handle(event)
            _ = try await fixture.database.query("DELETE FROM mailer.raised")
            try await fixture.handle(event)
            #expect(try await fixture.jobs().count == 1)
        }
    }

    @Test("mails an alert that comes and goes once in 15 minutes")
    func damping() async throws {
        try await MailerFixture.run { fixture in
            let first: Timestamp = "2026-04-26T15:30:00.000Z"
            try await fixture.handle(
                fixture.event(.raised, id: "evt_1", at: first),
                fixture.event(.cleared, id: "evt_2", at: first + .seconds(60)),
                fixture.event(.raised, id: "evt_3", at: first + .seconds(899)),
                fixture.event(.raised, "paper_low", id: "evt_4", at: first + .seconds(899)),
                fixture.event(.raised, id: "evt_5", at: first + .seconds(900)))
            let mailed = try await fixture.database.query("SELECT event_id FROM mailer.jobs ORDER BY event_id")
            #expect(try mailed.map { try $0.string("event_id") } == ["evt_1", "evt_4", "evt_5"])
        }
    }

    @Test("waits a day with what has held since the device was created, and then says it only if it still holds")
    func fromTheBeginning() async throws {
        try await MailerFixture.run { fixture in
            _ = try await fixture.database.atomically([
                ("INSERT INTO org.locations (location_id, org_id, name, address) VALUES ('l', 'acme', 'L', 'L')", []),
                (
                    """
                    INSERT INTO org.devices (
                        device_id, org_id, location_id, name, protocol, transport, connection_params, created_at)
                    VALUES ('dev_1', 'acme', 'l', 'POS', 'datecs', 'tcp', '{}', now() - interval '1 minute')
                    """, []
                ),
            ])
            let created = try await fixture.database.query("SELECT created_at FROM org.devices")[0].timestamp(
                "created_at")
            try await fixture.handle(fixture.event(.raised, "z_report_overdue", since: created))
            let due = try await fixture.database.query("SELECT due_at FROM mailer.jobs")[0].timestamp("due_at")
            #expect(due == created + .seconds(86_400))
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example pending 0"])
            try await fixture.handle(fixture.event(.cleared, "z_report_overdue", id: "evt_2"))
            #expect(try await fixture.jobs() == ["owner@acme.example withdrawn 0"])
        }
    }

    @Test("says nothing any more of a device that was deleted")
    func deletedDevice() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            _ = try await fixture.database.query("UPDATE mailer.jobs SET due_at = now() + interval '1 hour'")
            try await fixture.handle(fixture.deletion())
            #expect(try await fixture.jobs() == ["owner@acme.example withdrawn 0"])
            #expect(try await fixture.database.query("SELECT FROM mailer.raised").isEmpty)
        }
    }

    @Test("tries again later what the server refuses for now", arguments: ["data-temporary", "refuse"])
    func temporary(mode: String) async throws {
        try await MailerFixture.run(mode) { fixture in
            try await fixture.handle(fixture.event(.raised))
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example pending 1"])
            let job = try await fixture.database.query(
                """
                SELECT due_at BETWEEN now() + interval '20 seconds' AND now() + interval '31 seconds' AS is_soon,
                    last_error LIKE '%5%' AS is_explained, claim IS NULL AS is_free
                FROM mailer.jobs
                """)[0]
            #expect(try job.bool("is_soon") && job.bool("is_explained") && job.bool("is_free"))
        }
    }

    @Test("gives up what the server refuses for good")
    func permanent() async throws {
        try await MailerFixture.run("data-permanent") { fixture in
            try await fixture.handle(fixture.event(.raised))
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example given_up 1"])
        }
    }

    @Test(
        "sends again, as the same mail, what a process has taken and died with; the dead one records nothing any more")
    func crashed() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            let lost = try #require(try await fixture.store.claim(10).first)
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example pending 1"])
            _ = try await fixture.database.query("UPDATE mailer.jobs SET due_at = due_at - interval '121 seconds'")
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example sent 2"])
            #expect(try fixture.mail(1)?["fields"]?["message-id"] == .string("<\(lost.id)@e-bon.example>"))
            try await fixture.store.record(.givenUp(reason: "late"), of: lost, at: .now())
            #expect(try await fixture.jobs() == ["owner@acme.example sent 2"])
        }
    }

    @Test("sends each mail once with several replicas")
    func replicas() async throws {
        try await MailerFixture.run { fixture in
            for number in 0..<20 {
                try await fixture.handle(
                    fixture.event(.raised, AlertType(rawValue: "a\(number)"), id: EventID("evt_\(number)")))
            }
            let couriers = (0..<3).map { _ in fixture.courier() }
            for courier in couriers { courier.wake() }
            #expect(
                await eventually {
                    for courier in couriers { courier.wake() }
                    return try? await fixture.jobs().allSatisfy { $0.hasSuffix("sent 1") } ? true : nil
                } == true)
            for courier in couriers { await courier.stop(deadline: Loop.now + .seconds(10)) }
            #expect(try fixture.mail(20) != nil)
            #expect(try fixture.mail(21) == nil)
        }
    }
}
