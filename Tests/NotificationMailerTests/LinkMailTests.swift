import Bus
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("A mailed link") @Loop struct LinkMailTests {
    private static let expiry: Timestamp = "2026-05-03T15:30:12.345Z"

    private func invitation(
        _ link: String = "lnk_1", id: EventID = "evt_1", email: String = "ion@acme.example",
        at moment: Timestamp = .now(), until expiry: Timestamp? = nil
    ) throws -> OutboxEvent {
        let invitation = InvitationIssued(
            invitationId: "inv_1", linkId: link, email: email, role: .operator, invitedBy: "Ana Țară",
            expiresAt: expiry ?? moment + .seconds(7 * 86_400))
        return OutboxEvent(
            id: id, orgId: "acme", type: InvitationIssued.type.rawValue, requestId: "req_1", createdAt: moment,
            data: try JSON(encoding: invitation))
    }

    private func reset(at moment: Timestamp = .now()) throws -> OutboxEvent {
        let reset = PasswordResetRequested(
            linkId: "lnk_1", email: "owner@acme.example", expiresAt: moment + .seconds(3600))
        return OutboxEvent(
            id: "evt_1", orgId: "acme", type: PasswordResetRequested.type.rawValue, createdAt: moment,
            data: try JSON(encoding: reset))
    }

    private func message(_ content: MailContent) -> String {
        Message(
            id: "mail_1", date: "2026-04-26T15:31:00.000Z",
            from: Mailbox(name: "e-bon", address: "no-reply@e-bon.example"), to: Mailbox(address: "ion@acme.example"),
            unsubscribe: "mailto:no-reply@e-bon.example?subject=unsubscribe", content: content
        ).text.replacing("\r\n", with: "\n")
    }

    @Test("shows names as text, whatever is in them")
    func escaping() {
        let invitation = InvitationIssued(
            invitationId: "inv_1", linkId: "lnk_1", email: "i@a.example", role: .admin, invitedBy: "<script>",
            expiresAt: Self.expiry)
        let content = MailContent.invitation(
            invitation, organization: "<img src=\"http://x\">\r\nBcc: b@c", portal: MailerFixture.portal)
        #expect(!content.html.contains("<script>") && !content.html.contains("<img"))
        #expect(!message(content).contains("\nBcc"))
    }

    @Test(
        "says nothing in the name of an organization or of who invites that would read as e-bon's own words",
        arguments: ["\r\n\r\n", "\n", "\u{b}", "\u{85}", "\u{2028}", "\u{2029}", "\u{202e}", "\u{2066}"])
    func spoofing(separator: String) {
        let name = "Acme\(separator)Contul este blocat: http://rival.example"
        let invitation = InvitationIssued(
            invitationId: "inv_1", linkId: "lnk_1", email: "i@a.example", role: .admin, invitedBy: name,
            expiresAt: Self.expiry)
        let content = MailContent.invitation(invitation, organization: name, portal: MailerFixture.portal)
        for text in [content.subject, content.text, content.html] {
            #expect(!text.contains(separator + "Contul"))
            #expect(text.split(whereSeparator: \.isNewline).allSatisfy { !$0.hasPrefix("Contul") })
        }
    }

    @Test("goes to the one who is meant, with a token that is genuine for its purpose, and not as a subscription")
    func delivery() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(invitation())
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["ion@acme.example sent 1"])
            #expect(fixture.server.accepted("envelope") == "no-reply@e-bon.example\nion@acme.example")
            let mail = try #require(try fixture.mail(1))
            #expect(mail["defects"] == [])
            #expect(mail["fields"]?["subject"] == "[e-bon] Invitație în organizația ACME")
            #expect(mail["fields"]?["list-unsubscribe"] == nil)
            for part in ["plain", "html"] {
                let text = try #require(mail["bodies"]?[part]?.string)
                let token = try #require(text.firstMatch(of: /accept-invitation#token=([\w.-]+)/)).output.1
                #expect(MailerFixture.secrets.id(of: String(token), purpose: .invitation) == "lnk_1")
                #expect(text.contains("Ana Țară vă invită"))
                #expect(text.contains("ca operator"))
            }
        }
    }

    @Test("leaves its secret nowhere on the way")
    func secrecy() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(reset())
            try await fixture.deliver()
            let mail = try #require(try fixture.mail(1)?["bodies"]?["plain"]?.string)
            let token = try #require(mail.firstMatch(of: /reset-password#token=lnk_1\.([\w-]+)/)).output.1
            let jobs = try await fixture.database.query("SELECT j::text AS row FROM mailer.jobs j")
            #expect(try jobs.allSatisfy { try !$0.string("row").contains(token) })
        }
    }

    @Test("is mailed to one address ten times in an hour at most, whoever asks; the last one follows")
    func mailbox() async throws {
        try await MailerFixture.run { fixture in
            let start: Timestamp = "2026-04-26T15:30:00.000Z"
            func invite(_ number: Int64, at moment: Timestamp) async throws {
                let spelling = number.isMultiple(of: 2) ? "ion@acme.example" : "Ion@ACME.example"
                try await fixture.handle(
                    invitation("lnk_\(number)", id: EventID("evt_\(number)"), email: spelling, at: moment))
                _ = try await fixture.database.query(
                    """
                    UPDATE mailer.jobs SET status = 'sent', finished_at = now()
                    WHERE status = 'pending' AND due_at <= $1
                    """, [moment])
            }
            func waiting() async throws -> [Timestamp] {
                try await fixture.database.query(
                    "SELECT due_at FROM mailer.jobs WHERE status = 'pending' AND wanted_at = due_at"
                ).map { try $0.timestamp("due_at") }
            }
            for number in 0..<14 { try await invite(Int64(number), at: start + .seconds(Int64(number) * 60)) }
            #expect(try await fixture.jobs().count { $0.contains("sent") } == 10)
            #expect(try await waiting() == [start + .seconds(3600)])
            try await invite(14, at: start + .seconds(3601))
            #expect(try await fixture.jobs().count { $0.contains("sent") } == 11)
            #expect(try await waiting() == [])
        }
    }

    @Test("is not mailed any more when another one has replaced it, nor after it has expired")
    func outdated() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(invitation())
            try await fixture.handle(invitation("lnk_2", id: "evt_2"))
            #expect(
                try await fixture.jobs() == ["ion@acme.example withdrawn 0", "ion@acme.example pending 0"])
            try await fixture.handle(invitation("lnk_3", id: "evt_3", email: "maria@acme.example"))
            let lifetimes = try await fixture.database.query(
                "SELECT extract(epoch FROM expires_at - wanted_at)::bigint AS seconds FROM mailer.jobs")
            #expect(try lifetimes.allSatisfy { try $0.int("seconds") == 86_400 })
        }
        try await MailerFixture.run("data-temporary") { fixture in
            try await fixture.handle(reset())
            try await fixture.deliver()
            _ = try await fixture.database.query(
                "UPDATE mailer.jobs SET due_at = now(), expires_at = now() + interval '20 seconds'")
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example given_up 2"])
        }
    }
}
