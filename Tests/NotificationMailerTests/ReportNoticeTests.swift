import Bus
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("A closed day") @Loop struct ReportNoticeTests {
    private func command(_ type: CommandType, _ outcome: CommandOutcome = .executed) -> CommandSummary {
        CommandSummary(
            commandId: "cmd_1", deviceId: "dev_1", type: type, status: .completed, outcome: outcome,
            result: [
                "totals": ["sales": 1234.56, "refunds": 0, "net": 1234.5], "receiptCount": 7, "zNumber": 112,
                "vatBreakdown": [["rate": 21, "base": 1020.3, "amount": 214.26]],
            ], error: nil)
    }

    @Test("is mailed once with the register's figures, though its command ends and is resolved")
    func once() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(
                fixture.event(CommandResolved(command("z_report")), id: "evt_1", at: "2026-04-26T15:30:00.000Z"),
                fixture.event(CommandCompleted(command("z_report")), id: "evt_2", at: "2026-04-26T15:30:00.000Z"))
            _ = try await fixture.database.query(
                "UPDATE mailer.jobs SET expires_at = now() + interval '1 day', wanted_at = now()")
            try await fixture.deliver()
            #expect(try await fixture.kinds() == ["z_report sent"])
            let mail = try #require(try fixture.mail(1))
            #expect(mail["defects"] == [])
            #expect(
                mail["fields"]?["subject"] == "[e-bon] Raport Z nr. 112 – Casa 1 – București: 1.234,56 RON")
            for part in ["plain", "html"] {
                let text = try #require(mail["bodies"]?[part]?.string)
                for figure in ["1.234,56 RON", "1.234,50 RON", "0,00 RON", "214,26 RON", "21 %", "26.04.2026, 18:30"] {
                    #expect(text.contains(figure), "\(part) lacks \(figure)")
                }
            }
        }
    }

    @Test("is nothing that only looks like one: another command, or one that was not executed")
    func others() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(
                fixture.event(CommandCompleted(command("x_report")), id: "evt_1"),
                fixture.event(CommandCompleted(command("print_receipt")), id: "evt_2"),
                fixture.event(CommandResolved(command("z_report", .notExecuted)), id: "evt_3"))
            #expect(try await fixture.kinds() == [])
        }
    }
}
