import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import NotificationMailer

@Suite("The digest of a week") @Loop struct DigestTests {
    /// A Monday, a quarter past eight in Bucharest.
    private static let monday: Timestamp = "2026-04-27T05:15:00.000Z"

    private func receipts(
        _ count: Int, _ type: String, _ total: String, at moment: Timestamp, on device: DeviceID = "dev_1",
        of organization: OrgID = "acme", in fixture: MailerFixture
    ) async throws {
        _ = try await fixture.database.query(
            """
            INSERT INTO dispatch.receipts (
                receipt_id, org_id, device_id, type, items, payments, total, vat_breakdown, fiscal_date, created_at)
            SELECT gen_random_uuid()::text, $1, $2, $3, '[]', '[]', $4::numeric, '[]', $5, now()
            FROM generate_series(1, $6)
            """, [organization, device, type, total, moment, count])
    }

    private func digests(in fixture: MailerFixture) async throws -> [String] {
        try await fixture.database.query(
            "SELECT org_id, recipient, topic FROM mailer.jobs ORDER BY wanted_at, recipient"
        )
        .map { "\(try $0.string("org_id")) \(try $0.string("recipient")) \(try $0.string("topic"))" }
    }

    @Test("adds up the receipts of the week that is over, by device, and those of the week before")
    func figures() async throws {
        try await MailerFixture.run { fixture in
            try await receipts(3, "sale", "1234.56", at: "2026-04-19T21:00:00.000Z", in: fixture)
            try await receipts(1, "storno", "100.00", at: "2026-04-26T20:59:59.999Z", in: fixture)
            try await receipts(2, "sale", "0.10", at: "2026-04-22T10:00:00.000Z", on: "dev_gone", in: fixture)
            try await receipts(1, "sale", "9000.00", at: "2026-04-26T21:00:00.000Z", in: fixture)
            try await receipts(1, "sale", "2000.00", at: "2026-04-19T20:59:59.999Z", in: fixture)
            try await receipts(1, "sale", "7000.00", at: "2026-04-12T20:59:59.999Z", in: fixture)
            try await receipts(1, "sale", "5000.00", at: "2026-04-22T10:00:00.000Z", of: "rival", in: fixture)
            _ = try await DigestStore(pool: fixture.pool).make(at: Self.monday)
            let job = try #require(try await fixture.store.claim(9, at: Self.monday).jobs.first)
            let digest = try job.data.decode(Digest.self)
            #expect(digest.week.receipts == 6)
            #expect(digest.week.sales == Money(bani: 370_388))
            #expect(digest.week.returns == Money(bani: 10_000))
            #expect(digest.weekBefore.net == Money(bani: 200_000))
            #expect(digest.devices.map(\.name) == ["Casa 1 – București", "dev_gone"])
            #expect(digest.devices.map(\.figures.receipts) == [4, 2])
        }
    }

    @Test("is made once, for each organization that has devices and somebody who wants it, with several mailers")
    func once() async throws {
        try await MailerFixture.run { fixture in
            let stores = (0..<3).map { _ in DigestStore(pool: fixture.pool) }
            _ = try await allAtOnce(3) { try await stores[$0].make(at: Self.monday) }
            #expect(try await digests(in: fixture) == ["acme owner@acme.example digest/2026-04-27"])
            let isMore = try await stores[0].make(at: Self.monday + .seconds(86_400))
            #expect(!isMore)
            #expect(try await digests(in: fixture).count == 1)
        }
    }

    @Test("is made later when no mailer ran on Monday morning, only of the last week then")
    func late() async throws {
        try await MailerFixture.run { fixture in
            let store = DigestStore(pool: fixture.pool)
            _ = try await store.make(at: Self.monday)
            _ = try await store.make(at: Self.monday + .seconds(17 * 86_400))
            #expect(
                try await digests(in: fixture) == [
                    "acme owner@acme.example digest/2026-04-27", "acme owner@acme.example digest/2026-05-11",
                ])
        }
    }

    @Test("goes on where a mailer that died has left off")
    func continued() async throws {
        try await MailerFixture.run { fixture in
            for number in 100..<145 {
                _ = try await fixture.database.atomically([
                    (
                        "INSERT INTO org.organizations (org_id, name, cui) VALUES ($1, $1, 'RO12345678')",
                        ["org_\(number)"]
                    ),
                    (
                        "INSERT INTO org.locations (location_id, org_id, name, address) VALUES ($1, $1, 'L', 'L')",
                        ["org_\(number)"]
                    ),
                    (
                        """
                        INSERT INTO org.devices (
                            device_id, org_id, location_id, name, protocol, transport, connection_params)
                        VALUES ('dev_' || $1, $1, $1, 'Casa', 'datecs', 'tcp', '{}')
                        """, ["org_\(number)"]
                    ),
                    (
                        """
                        INSERT INTO org.notification_subscribers (org_id, email, categories)
                        VALUES ($1, 'x@' || $1 || '.example', '{analytics}')
                        """, ["org_\(number)"]
                    ),
                ])
            }
            _ = try await fixture.database.query(
                "INSERT INTO mailer.digests (monday, after_org) VALUES ('2026-04-27', 'org_119')")
            _ = try await DigestStore(pool: fixture.pool).make(at: Self.monday)
            let made = try await digests(in: fixture)
            #expect(made.count == 25)
            #expect(Set(made).count == 25)
        }
    }

    @Test("is not made of the week that was over before there were digests")
    func first() async throws {
        try await MailerFixture.run { fixture in
            let isAnything = try await DigestStore(pool: fixture.pool).make(at: .now())
            #expect(!isAnything)
        }
    }
}
