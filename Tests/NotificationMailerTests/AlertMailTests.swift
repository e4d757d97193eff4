import Models
import Testing

@testable import NotificationMailer

@Suite("The mail of an alert") struct AlertMailTests {
    private func alert(_ type: AlertType, _ severity: AlertSeverity, device: String = "Tejghea POS 1") -> Alert {
        Alert(
            type: type, severity: severity, message: "Something is up", deviceId: "dev_pos_01", deviceName: device,
            detectedAt: "2026-04-26T15:30:12.345Z")
    }

    private func content(_ alert: Alert, organization: String) -> MailContent {
        .raised(
            alert,
            subject: MailSubject(
                data: .null, organization: organization, date: "2026-04-26T15:31:00.000Z",
                portal: MailerFixture.portal))
    }

    private func message(_ alert: Alert, organization: String = "Acme Retail SRL") -> String {
        Message(
            id: "mail_1", date: "2026-04-26T15:31:00.000Z",
            from: Mailbox(name: "e-bon", address: "no-reply@e-bon.example"),
            to: Mailbox(address: "owner@acme.example"),
            unsubscribe: "mailto:no-reply@e-bon.example?subject=unsubscribe",
            content: content(alert, organization: organization)
        ).text
    }

    @Test("shows names as text, whatever is in them")
    func escaping() {
        let content = content(alert("cover_open", .error, device: "<img src=\"http://x\">&"), organization: "<b>")
        #expect(content.html.contains("&lt;img src=&quot;http://x&quot;&gt;&amp;"))
        #expect(content.html.contains("&lt;b&gt;"))
        #expect(!content.html.contains("<img"))
    }

    @Test("says nothing in a name that would read as e-bon's own words")
    func spoofing() {
        let name = "POS\n\nContul este blocat"
        let content = content(alert("cover_open", .error, device: name), organization: name)
        for text in [content.subject, content.text, content.html] { #expect(!text.contains("\nContul")) }
    }

    @Test("ends all its lines with CRLF and contains no other control characters")
    func lineEnds() {
        let bytes = Array(message(alert("cover_open", .error, device: "A\u{0}\r\nBcc: b@c\n.\n")).utf8)
        for (index, byte) in bytes.enumerated() where byte < 0x20 {
            #expect(byte == 0x0d ? bytes[index + 1] == 0x0a : byte == 0x0a && bytes[index - 1] == 0x0d)
        }
        #expect(!String(decoding: bytes, as: UTF8.self).contains("\r\nBcc"))
    }
}
