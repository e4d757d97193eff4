import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

extension SystemTests {
    /// A process whose mail server stands still at the step at which it is killed.
    @Suite("A mailer that is killed loses no mail", .serialized) @Loop struct MailerDeath {
        @Test("before it has made a job of the news: it is mailed once") func beforeTheJob() async throws {
            try await run("accept") { mailer in
                try mailer.stack.kill("notification-mailer")
                try await mailer.raiseAlert()
                #expect(try await mailer.states { $0 == ["sent 1"] })
                #expect(mailer.accepted == 1)
            }
        }

        @Test("before it has sent anything: it is mailed once") func beforeTheMessage() async throws {
            try await run("gated-banner") { mailer in
                try await mailer.raiseAlert()
                #expect(try await mailer.states { $0 == ["pending 1"] })
                try await mailer.kill()
                try mailer.server.openGate()
                #expect(try await mailer.states { $0 == ["sent 2"] })
                #expect(mailer.accepted == 1)
            }
        }

        @Test("between its last byte and the answer, which nobody can know: it is mailed twice, as one mail")
        func beforeTheAnswer() async throws {
            try await run("gated-reply") { mailer in
                try await mailer.raiseAlert()
                _ = await eventually { mailer.accepted == 1 ? true : nil }
                try await mailer.kill()
                try mailer.server.openGate()
                #expect(try await mailer.states { $0 == ["sent 2"] })
                try mailer.expectOneMailTwice()
            }
        }

        @Test("between the answer and its record: it is mailed twice, as one mail") func beforeTheRecord() async throws
        {
            try await run("gated-reply") { mailer in
                try await mailer.raiseAlert()
                _ = await eventually { mailer.accepted == 1 ? true : nil }
                try await mailer.database.transaction { transaction in
                    _ = try await transaction.queries([("SELECT FROM mailer.jobs FOR UPDATE", [])])
                    try mailer.server.openGate()
                    let isRecording: Bool? = try await eventually {
                        try await mailer.database.query(
                            "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'ebon_mailer'"
                        ).isEmpty ? nil : true
                    }
                    #expect(isRecording == true)
                    try mailer.stack.kill("notification-mailer")
                    // What the process has asked for would otherwise still be done.
                    _ = try await mailer.database.query(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'ebon_mailer'")
                }
                try await mailer.passTime()
                #expect(try await mailer.states { $0 == ["sent 2"] })
                try mailer.expectOneMailTwice()
            }
        }

        private func run(_ mode: String, _ body: @Loop (DyingMailer) async throws -> Void) async throws {
            try await SMTPFixture.run(mode) { server in
                var options = Stack.Options(
                    scale: [
                        "org-locations": 0, "gateway": 0, "command-dispatcher": 0, "alerts-engine": 0,
                        "billing-webhooks": 0, "edge-router": 0,
                    ])
                options.environment["SMTP_URL"] = "smtp://127.0.0.1:\(server.port)"
                try await Stack.run(options) { stack in
                    let database = PostgresPool(
                        PostgresConfiguration(url: stack.variables.databaseURL, applicationName: "test"))
                    try await body(DyingMailer(stack: stack, server: server, database: database))
                    await database.close()
                }
            }
        }
    }
}

@Loop private struct DyingMailer {
    let stack: Stack
    let server: SMTPFixture
    let database: PostgresPool

    func raiseAlert() async throws {
        let device = DeviceID(stack.variables.device)
        let alert = Alert(
            type: "cover_open", severity: .error, message: "Cover is open", deviceId: device, deviceName: "Casa",
            detectedAt: .now())
        _ = try await database.query(
            "INSERT INTO bus.outbox (event_id, org_id, type, data) VALUES ('evt_1', $1, $2, $3)",
            [
                stack.variables.organization, DeviceAlertChanged.type.rawValue,
                try JSON(encoding: DeviceAlertChanged(deviceId: device, alert: alert, state: .raised)),
            ])
    }

    /// Ends the process, and lets the time pass after which it is known to be dead.
    func kill() async throws {
        try stack.kill("notification-mailer")
        try await passTime()
    }

    func passTime() async throws {
        let dead = try await database.query("SELECT instance FROM mailer.instances ORDER BY since LIMIT 1")[0].string(
            "instance")
        try await stack.waitReady("notification-mailer")
        _ = try await database.query(
            """
            UPDATE mailer.instances SET since = since - interval '1 minute',
                seen_at = CASE WHEN instance = $1 THEN seen_at - interval '1 minute' ELSE seen_at END
            """, [dead])
    }

    /// Whether the jobs come to be so, each as `status attempts`.
    func states(
        within deadline: Duration = .seconds(30), _ isExpected: ([String]) -> Bool
    ) async throws -> Bool {
        let found: Bool? = try await eventually(within: deadline) {
            let states = try await database.query("SELECT status || ' ' || attempts AS state FROM mailer.jobs")
                .map { try $0.string("state") }
            return isExpected(states) ? true : nil
        }
        return found ?? false
    }

    var accepted: Int { (1...9).prefix { server.accepted("parsed-\($0)") != nil }.count }

    func expectOneMailTwice() throws {
        #expect(accepted == 2)
        let names = try (1...2).map { number in
            let mail = try #require(server.accepted("parsed-\(number)"))
            return try JSON(parsing: Array(mail.utf8))["fields"]?["message-id"]
        }
        #expect(names[0] == names[1])
    }
}
