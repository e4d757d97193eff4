import BillingWebhooksRoutes
import Bus
import Crypto
import EventLoop
import JSON
import Models
import Postgres
import TestSupport

@testable import BillingWebhooks

/// The service with three organizations, and Stripe's side of it.
@Loop struct BillingFixture {
    private static let secret = Array("whsec_of_the_tests".utf8)
    private let service: ServiceFixture
    var database: PostgresPool { service.database }

    static func run(_ body: @Loop (BillingFixture) async throws -> Void) async throws {
        let prices = PriceCatalogue(pro: ["price_pro"], enterprise: ["price_ent"])
        func mount(_ pool: PostgresPool, _ bus: Bus) {
            WebhookHandler(pool: pool, bus: bus, prices: prices, secrets: [secret]).mount()
        }
        try await ServiceFixture.run(.billingWebhooks, role: "ebon_billing", mount: mount) { service in
            let fixture = BillingFixture(service: service)
            for name in ["acme", "rival", "third"] {
                _ = try await fixture.database.query(
                    "INSERT INTO org.organizations (org_id, name, cui) VALUES ($1, $1, 'RO12345678')", [name])
            }
            try await body(fixture)
        }
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

    private func send(bytes: [UInt8], headers: [String: String]) async throws -> ServiceFixture.Answer {
        try await service.call(BillingWebhooksRoutes.webhook.route, headers: headers, bytes: bytes)
    }

    func plan(_ organization: String) async throws -> String {
        try await database.query("SELECT plan FROM billing.organization_plan WHERE org_id = $1", [organization])
            .first?.string("plan") ?? "free"
    }

    func planChanges() async throws -> [PlanChanged] { try await database.events() }

    /// What became of the events, in the order of their arrival.
    func outcomes() async throws -> [String] {
        try await database.query("SELECT outcome FROM billing.stripe_events ORDER BY received_at, event_id")
            .map { try $0.string("outcome") }
    }
}
