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
        arguments: ["drop-after-data", "refuse", "tls"])
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

    @Test("one connection serves many mails, and is ended when it is closed")
    func kept() async throws {
        try await SMTPFixture.run("accept") { server in
            let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!)
            for number in 1...5 {
                #expect(await send(through: client) == .accepted)
                #expect(server.accepted("parsed-\(number)") != nil)
            }
            #expect(server.connections == 1)
            await client.close(by: LoopInstant.current + .seconds(5))
            #expect(await send(through: client) == .accepted)
            #expect(server.connections == 2)
        }
    }

    @Test("mails at once have a connection each, of which the last mails need no more")
    func atOnce() async throws {
        try await SMTPFixture.run("accept") { server in
            let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!)
            for _ in 0..<3 {
                let outcomes = try await allAtOnce(4) { _ in await send(through: client) }
                #expect(outcomes.allSatisfy { $0 == .accepted })
            }
            #expect(server.accepted("parsed-12") != nil)
            #expect(server.connections <= 4)
        }
    }

    @Test(
        "a kept connection that the server has closed or had enough of is replaced at once",
        arguments: ["drop-after-mail", "one-mail"])
    func replaced(mode: String) async throws {
        try await SMTPFixture.run(mode) { server in
            let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!)
            for _ in 0..<3 { #expect(await send(through: client) == .accepted) }
            #expect(server.accepted("parsed-3") != nil)
            #expect(server.accepted("parsed-4") == nil)
        }
    }

    @Test("a mail that was refused does not spoil the next one")
    func afterRefusal() async throws {
        try await SMTPFixture.run("rcpt-some") { server in
            let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!)
            for _ in 0..<2 {
                guard case .permanentFailure(code: 550, _) = await send(through: client, ["refuse@example.com"]) else {
                    Issue.record("a refused mailbox took a mail")
                    return
                }
                #expect(await send(through: client) == .accepted)
                #expect(server.accepted("envelope") == "cloud@example.com\nana@example.com")
            }
        }
    }

    @Test("a mail whose last byte was sent on a kept connection is not sent again within the attempt")
    func onceOnly() async throws {
        try await SMTPFixture.run("drop-after-second-data") { server in
            let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!)
            #expect(await send(through: client) == .accepted)
            guard case .connectionFailed = await send(through: client) else {
                Issue.record("a lost connection counted as a verdict")
                return
            }
            #expect(server.accepted("received") == "2")
        }
    }

    @Test("a mail that is not to be sent any more when the server is ready for it is not taken")
    func held() async throws {
        try await SMTPFixture.run("accept") { server in
            let client = SMTPClient(server: SMTPServer("smtp://127.0.0.1:\(server.port)")!)
            #expect(await send(through: client) == .accepted)
            let outcome = await client.send(
                Array(Self.message.utf8), from: "cloud@example.com", to: ["ana@example.com"],
                deadline: LoopInstant.current + .seconds(20), proceed: { false })
            guard case .connectionFailed = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(await send(through: client) == .accepted)
            #expect(server.accepted("received") == "2")
        }
    }

    @Test("a server that makes a client wait for its greeting is waited for")
    func slowBanner() async throws {
        try await SMTPFixture.run("slow-banner") { server in #expect(await send(to: server) == .accepted) }
    }

    @Test("TLS is spoken with a server whose certificate a trusted authority vouches for, and a login is made over it")
    func secured() async throws {
        try await SMTPFixture.run("tls") { server in
            let trusting = try #require(
                SMTPServer(
                    "smtp://127.0.0.1:\(server.port)", startTLS: .required, authorities: server.certificate))
            #expect(await send(through: trusting) == .accepted)
            let plain = try #require(SMTPServer("smtp://127.0.0.1:\(server.port)", startTLS: .never))
            #expect(
                await send(through: plain)
                    == .permanentFailure(code: 530, text: "530 Must issue a STARTTLS command first"))
        }
        try await SMTPFixture.run("secure-login") { server in
            let trusting = try #require(
                SMTPServer("smtp://mailer:p%40ss%20word@127.0.0.1:\(server.port)", authorities: server.certificate))
            let client = SMTPClient(server: trusting)
            for _ in 0..<2 { #expect(await send(through: client) == .accepted) }
            #expect(server.connections == 1)
        }
    }

    @Test("a certificate of another host is refused, whoever vouches for it")
    func otherHost() async throws {
        try await SMTPFixture.run("tls-other") { server in
            let trusting = try #require(
                SMTPServer("smtp://127.0.0.1:\(server.port)", startTLS: .optional, authorities: server.certificate))
            guard case .connectionFailed = await send(through: trusting) else {
                Issue.record("trusted another host's certificate")
                return
            }
            #expect(server.accepted("mail") == nil)
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
        await send(through: SMTPClient(server: server), recipients, within: limit)
    }

    private func send(
        through client: SMTPClient, _ recipients: [String] = ["ana@example.com"], within limit: Duration = .seconds(20)
    ) async -> SMTPOutcome {
        await client.send(
            Array(Self.message.utf8), from: "cloud@example.com", to: recipients, deadline: LoopInstant.current + limit)
    }
}
