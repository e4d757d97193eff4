import Bus
import Crypto
import EventLoop
import HTTP
import JSON
import Models
import Postgres
import TestSupport
import Testing

@testable import Gateway

@Suite("An event socket is closed", .serialized) @Loop struct EventCloseTests {
    private func token(
        of user: String = "usr_1", in organization: String = "acme_corp", session: String = "ses_1",
        lasting seconds: Int64 = 900, _ fixture: GatewayFixture
    ) -> JSON {
        let now = Timestamp.now().milliseconds / 1000
        let token = JSONWebToken(
            subject: user, organization: organization, role: "operator", session: session, issuedAt: now,
            expiresAt: now + seconds)
        return ["type": "auth", "token": .string(fixture.tokens.sign(token))]
    }

    @Test("with 4401 a minute after its token has expired, unless the client has sent a new one")
    func expiry() async throws {
        try await GatewayFixture.run { fixture in
            let events = fixture.gateways[0].events
            let now = Timestamp.now()
            let renewed = try await fixture.listen(as: GatewayFixture.member, expiresAt: now)
            renewed.send(token(session: "ses_2", lasting: 900, fixture))
            renewed.send(["type": "ping"])
            #expect(await renewed.frame("pong") != nil)
            let expired = try await fixture.listen(as: GatewayFixture.member, expiresAt: now)
            events.tick(.current, now + .milliseconds(59_999))
            expired.send(["type": "ping"])
            #expect(await expired.frame("pong") != nil)
            events.tick(.current, now + .seconds(60))
            #expect(await expired.closeCode() == 4401)
            #expect(renewed.closure == nil)
            events.tick(.current, now + .seconds(962))
            #expect(await renewed.closeCode() == 4401)
        }
    }

    @Test("with 4401 by a token of somebody else, an expired or made-up one, or one that a key's socket gets")
    func badRenewals() async throws {
        try await GatewayFixture.run { fixture in
            let renewals = [
                token(of: "usr_2", fixture), token(in: "other", fixture), token(lasting: 0, fixture),
                ["type": "auth", "token": "a.b.c"], ["type": "auth", "token": ""],
            ]
            for renewal in renewals {
                let listener = try await fixture.listen(as: GatewayFixture.member, expiresAt: .now() + .seconds(60))
                listener.send(renewal)
                #expect(await listener.closeCode() == 4401)
            }
            let key = try await fixture.listen()
            key.send(token(fixture))
            #expect(await key.closeCode() == 4401)
        }
    }

    @Test("with 4401 when its key is revoked, or the session that it has changed to is ended")
    func revoked() async throws {
        try await GatewayFixture.run { fixture in
            try await fixture.seedMember()
            let key = try await fixture.listen()
            let member = try await fixture.listen(as: GatewayFixture.member)
            member.send(token(session: "ses_2", fixture))
            member.send(["type": "ping"])
            #expect(await member.frame("pong") != nil)
            _ = try await fixture.owner.query("UPDATE org.sessions SET revoked_at = now() WHERE session_id = 'ses_1'")
            try await fixture.gateways[0].watch.check()
            #expect(key.closure == nil && member.closure == nil)
            _ = try await fixture.owner.query("UPDATE org.api_keys SET active = false")
            _ = try await fixture.owner.query("UPDATE org.sessions SET revoked_at = now()")
            try await fixture.gateways[0].watch.check()
            #expect(await key.closeCode() == 4401)
            #expect(await member.closeCode() == 4401)
        }
    }

    @Test("with 4401 when its key permits something else than before, or its member has another role")
    func changedRights() async throws {
        try await GatewayFixture.run { fixture in
            try await fixture.seedMember()
            let key = try await fixture.listen()
            let device = try await fixture.connect("dev_1")
            let member = try await fixture.listen(as: GatewayFixture.member)
            _ = try await fixture.owner.query(
                "UPDATE org.api_keys SET scopes = '{commands,devices:read}' WHERE api_key_id = 'apikey_reader'")
            fixture.dispatcher.bus.publish(CredentialsChanged(orgId: "acme_corp"))
            #expect(await key.closeCode() == 4401)
            #expect(member.closure == nil && device.closure == nil)
            _ = try await fixture.owner.query("UPDATE org.users SET role = 'admin'")
            fixture.dispatcher.bus.publish(CredentialsChanged(orgId: "acme_corp"))
            #expect(await member.closeCode() == 4401)
            #expect(device.closure == nil)
        }
    }

    @Test("with 4400 after three frames that make no sense, and with 4408 after a minute without any")
    func nonsenseAndSilence() async throws {
        try await GatewayFixture.run { fixture in
            let babbling = try await fixture.listen()
            babbling.send("{")
            babbling.socket?.send(binary: [1])
            babbling.send(["type": "ping"])
            #expect(await babbling.frame("pong") != nil)
            babbling.send(["type": "status"])
            babbling.send(["type": "auth"])
            babbling.send("[]")
            #expect(await babbling.closeCode() == 4400)
            let silent = try await fixture.listen()
            let events = fixture.gateways[0].events
            events.tick(.current + .seconds(59), .now())
            #expect(await silent.frame("ping") != nil)
            events.tick(.current + .seconds(61), .now())
            #expect(await silent.closeCode() == 4408)
        }
    }

    @Test("with 4410 when more than 1 MiB waits for it, and the others go on getting everything")
    func slow() async throws {
        try await GatewayFixture.run { fixture in
            let reading = try await fixture.listen()
            let slow = try await fixture.listen()
            slow.socket?.pauseReading()
            let text = JSON.string(String(repeating: "x", count: 100_000))
            let names = (0..<25).map(String.init)
            for start in stride(from: 0, to: names.count, by: 5) {
                let group = names[start..<(start + 5)]
                try await fixture.happen(group.map { .status($0, data: ["text": text]) })
                #expect(await reading.sees(group.last ?? ""))
            }
            #expect(await reading.hasSeen(names))
            slow.socket?.resumeReading()
            #expect(await slow.closeCode(within: .seconds(30)) == 4410)
            #expect(slow.seen.count < names.count)
            let back = try await fixture.listen(since: slow.seen.last.map { EventID("evt_\($0)") })
            #expect(await back.hasSeen(Array(names.dropFirst(slow.seen.count))))
        }
    }
}
