import EventLoop
import TestSupport
import Testing

@testable import Curl

@Suite("Handing mail in") @Loop struct SMTPClientTests {
    private static let message = "Subject: Alertă\r\n\r\n.dot first\nbare line feed\r\n..two dots\r\n.\r\nend"

    @Test("a mail arrives byte for byte, dots stuffed and line ends made CRLF, at every recipient")
    func accepted() async throws {
        try await SMTPFixture.run("accept") { server in
            let outcome = await send(to: server, recipients: ["ana@example.com", "ion@example.com"])
            #expect(outcome == .accepted)
            #expect(server.accepted("envelope") == "cloud@example.com\nana@example.com\nion@example.com")
            let expected = "Subject: Alertă\r\n\r\n.dot first\r\nbare line feed\r\n..two dots\r\n.\r\nend\r\n"
            #expect(server.accepted("mail") == expected)
        }
    }

    @Test(
        "a refusal keeps its code and its last line, without control characters",
        arguments: [
            ("mail-temporary", SMTPOutcome.temporaryFailure(code: 451, text: "451 4.3.0 come back later")),
            ("rcpt-permanent", .permanentFailure(code: 550, text: "550 5.1.1 no such user")),
            ("data-temporary", .temporaryFailure(code: 452, text: "452 4.2.2 mailbox full")),
            ("data-permanent", .permanentFailure(code: 554, text: "554 5.7.1 this is spam")),
        ])
    func refused(mode: String, outcome: SMTPOutcome) async throws {
        try await SMTPFixture.run(mode) { server in #expect(await send(to: server) == outcome) }
    }

    @Test(
        "a server that refuses or loses the connection has not judged the mail",
        arguments: ["drop-after-data", "refuse", "untrusted"])
    func noVerdict(mode: String) async throws {
        try await SMTPFixture.run(mode) { server in
            guard case .connectionFailed = await send(to: server) else {
                Issue.record("\(mode) counted as a verdict")
                return
            }
        }
    }

    @Test("a server that never greets fails at the deadline")
    func mute() async throws {
        try await SMTPFixture.run("mute") { server in
            let started = LoopInstant.current
            let outcome = await send(to: server, within: .milliseconds(200))
            #expect(outcome == .connectionFailed("the deadline has passed"))
            #expect(LoopInstant.current - started < .seconds(5))
        }
    }

    @Test("a login is made with percent-decoded credentials, and a wrong one is no verdict on the mail")
    func login() async throws {
        try await SMTPFixture.run("login") { server in
            let right = try #require(
                SMTPServer("smtp://mailer:p%40ss%20word@127.0.0.1:\(server.port)", startTLS: .optional))
            #expect(await send(through: right) == .accepted)
            let wrong = try #require(SMTPServer("smtp://mailer:hunter2@127.0.0.1:\(server.port)", startTLS: .optional))
            guard case .connectionFailed(let text) = await send(through: wrong) else {
                Issue.record("a wrong login counted as a verdict")
                return
            }
            #expect(!text.contains("hunter2"))
        }
    }

    @Test("credentials are not sent to a server without TLS unless that is configured")
    func requiredTLS() async throws {
        try await SMTPFixture.run("login") { server in
            let client = try #require(SMTPServer("smtp://mailer:p%40ss%20word@127.0.0.1:\(server.port)"))
            guard case .connectionFailed = await send(through: client) else {
                Issue.record("went on without TLS")
                return
            }
        }
    }

    @Test("nobody listening is a failed connection")
    func nobody() async throws {
        let server = try #require(SMTPServer("smtp://127.0.0.1:1"))
        guard case .connectionFailed = await send(through: server) else {
            Issue.record("nobody accepted a mail")
            return
        }
    }

    private func send(
        to server: SMTPFixture, recipients: [String] = ["ana@example.com"], within limit: Duration = .seconds(20)
    ) async -> SMTPOutcome {
        await send(through: SMTPServer("smtp://127.0.0.1:\(server.port)")!, recipients: recipients, within: limit)
    }

    private func send(
        through server: SMTPServer, recipients: [String] = ["ana@example.com"], within limit: Duration = .seconds(20)
    ) async -> SMTPOutcome {
        await SMTPClient(server: server).send(
            Array(Self.message.utf8), from: "cloud@example.com", to: recipients, deadline: LoopInstant.current + limit)
    }
}
