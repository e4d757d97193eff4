import BillingWebhooksRoutes
import Bus
import Crypto
import Endpoints
import EventLoop
import JSON
import Models
import Postgres
import ServiceRuntime
import TestSupport

@testable import BillingWebhooks

/// The service with three organizations, and Stripe's side of it.
@Loop struct BillingFixture {
    private static let secret = Array("whsec_of_the_tests".utf8)
    private let service: ServiceFixture
    let billing: BillingWebhooks
    var database: PostgresPool { service.database }

    /// With `stripe`, the service knows where Stripe's API is, and its key.
    static func run(
        stripe base: String? = nil, key: String = StripeDouble.key,
        organizations: [String] = ["acme", "rival", "third"],
        _ body: @Loop (BillingFixture) async throws -> Void
    ) async throws {
        let prices = PriceCatalogue(pro: ["price_pro"], enterprise: ["price_ent"])
        var started: BillingWebhooks?
        func mount(_ pool: PostgresPool, _ bus: Bus) {
            let billing = BillingWebhooks(
                pool: pool, bus: bus, prices: prices, secrets: [secret],
                stripe: base.map { StripeClient(base: $0, key: Secret(key)) }, metrics: Metrics())
            billing.mount()
            started = billing
        }
        try await ServiceFixture.run(.billingWebhooks, role: "ebon_billing", mount: mount) { service in
            guard let billing = started else { return }
            let fixture = BillingFixture(service: service, billing: billing)
            _ = try await fixture.database.query(
                """
                INSERT INTO org.organizations (org_id, name, cui)
                SELECT org_id, org_id, 'RO12345678' FROM unnest($1::text[]) AS org_id
                """, [organizations])
            try await body(fixture)
            await billing.refresher?.stop(deadline: LoopInstant.current + .seconds(20))
        }
    }

    /// The service with a Stripe of its own.
    static func runWithStripe(
        organizations: [String] = ["acme", "rival", "third"],
        _ body: @Loop (BillingFixture, StripeDouble) async throws -> Void
    ) async throws {
        try await StripeDouble.run { double, base in
            try await run(stripe: base, organizations: organizations) { try await body($0, double) }
        }
    }

    func call(
        _ route: Route, as role: Role = .owner, of organization: String = "acme", body: JSON? = nil
    ) async throws -> ServiceFixture.Answer {
        let caller = Caller(
            userId: "usr_1", role: role, sessionId: "ses_1", orgId: OrgID(organization), plan: .free)
        return try await service.call(route, as: caller, body: body)
    }

    func events<Event: EventData>(_ type: Event.Type = Event.self) async throws -> [Event] {
        try await database.events()
    }

    func send(_ event: StripeEventText) async throws -> ServiceFixture.Answer {
        try await send(bytes: event.json.serialized())
    }

    func send(_ event: StripeEventText, signature: String?) async throws -> ServiceFixture.Answer {
        try await send(bytes: event.json.serialized(), headers: signature.map { ["stripe-signature": $0] } ?? [:])
    }

    func send(bytes: [UInt8]) async throws -> ServiceFixture.Answer {
        let time = Timestamp.now().milliseconds / 1000
        let code = HMACSHA256.authenticate(Array("\(time).".utf8) + bytes, key: Self.secret)
        return try await send(bytes: bytes, headers: ["stripe-signature": "t=\(time),v1=\(Hex.encode(code))"])
    }

    func send(bytes: [UInt8], headers: [String: String]) async throws -> ServiceFixture.Answer {
        try await service.call(BillingWebhooksRoutes.webhook.route, headers: headers, bytes: bytes)
    }

    func plan(_ organization: String) async throws -> String {
        try await database.query("SELECT plan FROM billing.organization_plan WHERE org_id = $1", [organization])
            .first?.string("plan") ?? "free"
    }

    func planChanges() async throws -> [PlanChanged] { try await events() }

    /// What became of the events, in the order of their arrival.
    func outcomes() async throws -> [String] {
        try await database.query("SELECT outcome FROM billing.stripe_events ORDER BY received_at, event_id")
            .map { try $0.string("outcome") }
    }
}
