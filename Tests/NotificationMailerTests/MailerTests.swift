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

    @Test("sends each mail once with several replicas")
    func replicas() async throws {
        try await MailerFixture.run { fixture in
            for number in 0..<20 {
                try await fixture.handle(
                    fixture.event(.raised, AlertType(rawValue: "a\(number)"), id: EventID("evt_\(number)")))
            }
            let couriers = (0..<3).map { fixture.courier("mailer-\($0)") }
            for courier in couriers { courier.wake() }
            #expect(
                await eventually {
                    for courier in couriers { courier.wake() }
                    let sent = try? await fixture.jobs().filter { $0.hasSuffix("sent 1") }
                    return sent?.count == 20 ? true : nil
                } == true)
            for courier in couriers { await courier.stop(deadline: Loop.now + .seconds(10)) }
            #expect(try fixture.mail(20) != nil)
            #expect(try fixture.mail(21) == nil)
        }
    }
}
