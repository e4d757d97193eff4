import FoundationEssentials
import JSON
import Models
import Testing

@testable import NotificationMailer

/// The files under `Golden` are what goes over the wire, with LF for CRLF.
@Suite("The mail of a kind") struct GoldenMailTests {
    struct Example: Sendable, CustomTestStringConvertible {
        let file: String
        let kind: MailKind
        let data: JSON

        init(_ file: String, _ kind: MailKind, _ data: some Encodable) {
            self.file = file
            self.kind = kind
            self.data = (try? JSON(encoding: data)) ?? .null
        }

        var testDescription: String { file }
    }

    private static let noon: Timestamp = "2026-04-26T15:30:12.345Z"

    private static func alert(_ type: AlertType, _ severity: AlertSeverity) -> DeviceAlertChanged {
        DeviceAlertChanged(
            deviceId: "dev_pos_01",
            alert: Alert(
                type: type, severity: severity, message: "Something is up", deviceId: "dev_pos_01",
                deviceName: "Tejghea POS 1", detectedAt: noon), state: .raised)
    }

    private static func status(_ status: DeviceStatus, _ moment: Timestamp) -> DeviceStatusChanged {
        DeviceStatusChanged(deviceId: "dev_pos_01", status: status, timestamp: moment)
    }

    private static func fault(_ text: String?) -> DeviceFlagsReported {
        DeviceFlagsReported(
            deviceId: "dev_pos_01", paperEnd: false, paperNearEnd: false, coverOpen: false,
            fiscalMemoryAlmostFull: false, fault: text, timestamp: noon)
    }

    private static func digest(_ figures: Digest.Figures, _ devices: Int) -> Digest {
        Digest(
            from: "2026-04-19T21:00:00.000Z", to: "2026-04-26T21:00:00.000Z", week: figures,
            weekBefore: Digest.Figures(receipts: 1000, sales: Money(bani: 10_000_000), returns: .zero),
            devices: (0..<devices).map {
                Digest.Device(
                    name: "Casa \($0)",
                    figures: Digest.Figures(receipts: Int64(90 - $0), sales: Money(bani: 123_456), returns: .zero))
            })
    }

    static let examples = [
        Example("alert_raised.paper_low", .alertRaised, alert("paper_low", .warning)),
        Example("alert_raised.cover_open", .alertRaised, alert("cover_open", .error)),
        Example(
            "alert_raised.fiscal_memory_almost_full", .alertRaised, alert("fiscal_memory_almost_full", .warning)),
        Example("alert_raised.z_report_overdue", .alertRaised, alert("z_report_overdue", .warning)),
        Example("alert_raised.disconnected", .alertRaised, alert("disconnected", .error)),
        Example("alert_raised.not_known_yet", .alertRaised, alert("not_known_yet", .info)),
        Example(
            "alert_cleared", .alertCleared,
            Sequel(raised: alert("cover_open", .error), cleared: alert("cover_open", .error))),
        Example("device_offline", .deviceOffline, status(.offline, noon)),
        Example(
            "device_back", .deviceBack,
            Sequel(raised: status(.offline, noon), cleared: status(.online, noon + .seconds(900)))),
        Example(
            "z_report", .zReport,
            ClosedDay(
                deviceId: "dev_pos_01",
                figures: [
                    "totals": ["sales": 1234.56, "refunds": 10, "net": 1224.56], "receiptCount": 1017, "zNumber": 112,
                    "vatBreakdown": [
                        ["rate": 21, "base": 920.3, "amount": 193.26], ["rate": 9, "base": 101.83, "amount": 9.17],
                    ],
                ], reportedAt: noon)),
        Example(
            "z_report.without_figures", .zReport, ClosedDay(deviceId: "dev_pos_01", figures: [:], reportedAt: noon)),
        Example("device_faulty", .deviceFaulty, fault("Eroare 42:\u{202e} cap termic")),
        Example("device_recovered", .deviceRecovered, Sequel(raised: fault("Eroare 42"), cleared: fault(nil))),
        Example("plan_changed", .planChanged, PlanChanged(plan: .pro, previous: .free)),
        Example("plan_changed.without_limit", .planChanged, PlanChanged(plan: .enterprise, previous: .pro)),
        Example("payment_failed", .paymentFailed, PaymentFailed.example),
        Example(
            "payment_failed.at_a_dubious_address", .paymentFailed,
            PaymentFailed(
                invoice: InvoiceNotice(
                    number: nil, amountDue: Money(bani: 123_456), currency: "EUR", url: "javascript:alert(1)"),
                nextAttemptAt: nil)),
        Example("payment_action_required", .paymentActionRequired, PaymentActionRequired.example),
        Example("trial_ending", .trialEnding, TrialEnding.example),
        Example("trial_ending.at_some_time", .trialEnding, TrialEnding(plan: nil, endsAt: nil)),
        Example("subscription_ended", .subscriptionEnded, SubscriptionEnded.example),
        Example(
            "digest", .digest,
            digest(Digest.Figures(receipts: 1250, sales: Money(bani: 12_345_678), returns: Money(bani: 9_900)), 40)),
        Example(
            "digest.of_a_quiet_week", .digest, digest(Digest.Figures(receipts: 0, sales: .zero, returns: .zero), 0)),
        Example(
            "invitation", .invitation,
            InvitationIssued(
                invitationId: "inv_1", linkId: "lnk_1", email: "ion@acme.example", role: .operator,
                invitedBy: "Ana Țară", expiresAt: "2026-05-03T15:30:12.345Z")),
        Example(
            "password_reset", .passwordReset,
            PasswordResetRequested(
                linkId: "lnk_1", email: "ion@acme.example", expiresAt: "2026-05-03T15:30:12.345Z")),
    ]

    private func message(_ example: Example) throws -> String {
        let content = try #require(MailCatalogue.templates[example.kind]).write(
            MailSubject(
                data: example.data, organization: "Acme Retail SRL", device: "Tejghea POS 1",
                date: "2026-04-26T15:31:00.000Z", portal: MailerFixture.portal))
        return Message(
            id: "mail_1", date: "2026-04-26T15:31:00.000Z",
            from: Mailbox(name: "e-bon", address: "no-reply@e-bon.example"),
            to: Mailbox(address: content.isSubscription ? "owner@acme.example" : "ion@acme.example"),
            unsubscribe: "mailto:no-reply@e-bon.example?subject=unsubscribe", content: content
        ).text
    }

    @Test("reads as its golden file says", arguments: examples)
    func golden(example: Example) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden/\(example.file).eml")
        let expected = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
        #expect(try message(example).replacing("\r\n", with: "\n") == expected)
    }

    @Test("has a golden file")
    func complete() {
        #expect(Set(MailCatalogue.templates.keys) == Set(Self.examples.map(\.kind)))
    }

    @Test("has short lines, each field once, and nothing that a mail program would fetch", arguments: examples)
    func form(example: Example) throws {
        let text = try message(example)
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.allSatisfy { $0.utf8.count <= 78 && $0.utf8.allSatisfy { (0x20...0x7e).contains($0) } })
        let header = lines.prefix { !$0.isEmpty }.filter { !$0.hasPrefix(" ") }
        let names = header.compactMap { $0.split(separator: ":").first?.lowercased() }
        #expect(Set(names).count == names.count)
        for element in ["<img", "<link", "<script", "<style", "url(", "src=", "@import"] {
            #expect(!text.contains(element))
        }
    }
}
