import Bus
import EventLoop
import JSON
import Models
import Postgres
import TestSupport

@testable import Gateway

extension GatewayFixture {
    static let reader = Caller(apiKeyId: "apikey_reader", orgId: "acme_corp", plan: .pro, scopes: [.devicesRead])
    static let member = Caller(userId: "usr_1", role: .operator, sessionId: "ses_1", orgId: "acme_corp", plan: .pro)

    /// Opens an event socket and waits for the welcome.
    func listen(
        since: EventID? = nil, to gateway: Int = 0, as caller: Caller = reader, expiresAt: Timestamp? = nil
    ) async throws -> FakeApp {
        let query = "subscribe=events" + (since.map { "&since=\($0)" } ?? "")
        let listener = try await open(query, to: gateway, as: caller, expiresAt: expiresAt)
        guard await listener.frame("welcome") != nil else { throw NoAnswer() }
        return listener
    }

    /// The member, with the sessions `ses_1` and `ses_2`.
    func seedMember() async throws {
        _ = try await owner.query(
            """
            INSERT INTO org.users (user_id, org_id, email, password_hash, role)
            VALUES ('usr_1', 'acme_corp', 'ion@acme.example', 'x', 'operator')
            """)
        _ = try await owner.query(
            """
            INSERT INTO org.sessions (session_id, org_id, user_id, expires_at, family_sha256, generation_sha256)
            SELECT 'ses_' || n, 'acme_corp', 'usr_1', now() + interval '1 day', repeat(n::text, 64), repeat('0', 64)
            FROM generate_series(1, 2) AS n
            """)
    }

    /// Writes events as a service does; without the hint when it gets lost.
    func happen(_ events: OutboxEvent..., hint: Bool = true) async throws { try await happen(events, hint: hint) }

    func happen(_ events: [OutboxEvent], hint: Bool = true) async throws {
        _ = try await owner.atomically([Outbox.statement(events)])
        if hint { dispatcher.bus.publish(OutboxGrew()) }
    }
}

extension OutboxEvent {
    /// A status of a device: an event `evt_<name>`.
    static func status(_ name: String, of organization: OrgID = "acme_corp", data: JSON? = nil) -> OutboxEvent {
        OutboxEvent(
            id: EventID("evt_\(name)"), orgId: organization, type: DeviceStatusChanged.type.rawValue,
            createdAt: .now(), data: data ?? ["deviceId": "dev_1", "status": "online"])
    }
}

extension FakeApp {
    /// The ids of the events that have come, without `evt_`.
    var seen: [String] { frames.compactMap { $0["id"]?.string?.dropFirst(4) }.map(String.init) }

    /// Everything that has come but the welcome: events by name, other frames by type.
    var story: [String] {
        frames.filter { $0["type"] != "welcome" }
            .map { $0["id"]?.string.map { String($0.dropFirst(4)) } ?? $0["type"]?.string ?? "" }
    }

    /// Waits until as many events have come, and says whether they are these.
    func hasSeen(_ names: [String]) async -> Bool {
        _ = await eventually { self.seen.count >= names.count ? true : nil }
        return seen == names
    }

    /// Waits until the last thing that came is `name`.
    func sees(_ name: String) async -> Bool {
        await eventually { self.story.last == name ? true : nil } ?? false
    }
}
