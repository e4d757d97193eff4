import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("A mailer that dies") @Loop struct InstanceTests {
    private func pass(_ seconds: Int, in fixture: MailerFixture, for instance: String) async throws {
        _ = try await fixture.database.query(
            """
            UPDATE mailer.instances SET since = since - $2 * interval '1 second',
                seen_at = CASE WHEN instance = 'mailer-1' THEN now() ELSE seen_at - $2 * interval '1 second' END
            WHERE instance = $1
            """, [instance, seconds])
    }

    @Test("leaves its mails to the others within seconds, each the same mail; what it still says is not recorded")
    func takenOver() async throws {
        try await MailerFixture.run { fixture in
            let (heir, dead) = (
                InstanceStore(pool: fixture.pool, instance: "mailer-1", liveness: Liveness()),
                InstanceStore(pool: fixture.pool, instance: "mailer-2", liveness: Liveness())
            )
            try await fixture.handle(fixture.event(.raised))
            try await dead.beat()
            let lost = try #require(
                try await JobStore(pool: fixture.pool, instance: "mailer-2").claim(1, at: .now()).jobs.first)
            try await heir.beat()
            try await pass(11, in: fixture, for: "mailer-1")
            try await heir.beat()
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example pending 1"])
            try await pass(11, in: fixture, for: "mailer-2")
            try await heir.beat()
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example sent 2"])
            #expect(try fixture.mail(1)?["fields"]?["message-id"] == .string("<\(lost.id)@e-bon.example>"))
            try await fixture.store.record(.givenUp(reason: "late"), of: lost, at: .now())
            #expect(try await fixture.jobs() == ["owner@acme.example sent 2"])
        }
    }

    @Test("is not declared dead by one that has just come back itself")
    func blindJudge() async throws {
        try await MailerFixture.run { fixture in
            let (judge, silent) = (
                InstanceStore(pool: fixture.pool, instance: "mailer-1", liveness: Liveness()),
                InstanceStore(pool: fixture.pool, instance: "mailer-2", liveness: Liveness())
            )
            try await fixture.handle(fixture.event(.raised))
            try await silent.beat()
            _ = try await JobStore(pool: fixture.pool, instance: "mailer-2").claim(1, at: .now())
            try await judge.beat()
            _ = try await fixture.database.query(
                "UPDATE mailer.instances SET since = since - interval '60 s', seen_at = seen_at - interval '30 s'")
            try await judge.beat()
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example pending 1"])
        }
    }

    @Test("in good order leaves what it could not finish at once")
    func left() async throws {
        try await MailerFixture.run { fixture in
            let (heir, leaver) = (
                InstanceStore(pool: fixture.pool, instance: "mailer-1", liveness: Liveness()),
                InstanceStore(pool: fixture.pool, instance: "mailer-2", liveness: Liveness())
            )
            try await fixture.handle(fixture.event(.raised))
            try await heir.beat()
            try await pass(11, in: fixture, for: "mailer-1")
            try await leaver.beat()
            _ = try await JobStore(pool: fixture.pool, instance: "mailer-2").claim(1, at: .now())
            try await leaver.leave()
            try await heir.beat()
            try await fixture.deliver()
            #expect(try await fixture.jobs() == ["owner@acme.example sent 2"])
        }
    }

    @Test("and whose death nobody notices keeps its mails no longer than the lease")
    func lease() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            let start = Timestamp.now()
            #expect(try await fixture.store.claim(1, at: start).jobs.count == 1)
            #expect(try await fixture.store.claim(1, at: start + JobStore.lease - .milliseconds(1)).jobs.isEmpty)
            #expect(try await fixture.store.claim(1, at: start + JobStore.lease).jobs.count == 1)
        }
    }

    @Test("or only stood still for so long begins nothing that others may have taken over")
    func stoodStill() async throws {
        try await MailerFixture.run { fixture in
            try await fixture.handle(fixture.event(.raised))
            try await fixture.deliver(liveness: Liveness(seen: .current.advanced(by: .seconds(-8))))
            #expect(try await fixture.jobs() == ["owner@acme.example pending 0"])
        }
    }

    @Test("and is seen again has lost what it had claimed before, and owns what it claims from then on")
    func seenAgain() {
        let (start, gap) = (LoopInstant.current, Duration.seconds(8))
        let liveness = Liveness(seen: start, limit: gap)
        #expect(liveness.isUnbroken(since: start))
        liveness.seen(at: start.advanced(by: gap - .nanoseconds(1)))
        #expect(liveness.isUnbroken(since: start))
        let again = start.advanced(by: gap + gap)
        liveness.seen(at: again)
        #expect(!liveness.isUnbroken(since: start))
        #expect(liveness.isUnbroken(since: again))
    }
}
