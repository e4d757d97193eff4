import EventLoop
import JSON
import Models
import Postgres
import TestSupport
import Testing

extension SystemTests {
    @Suite("Whatever happens to the taker of webhooks, the plan is right in the end", .serialized)
    @Loop struct BillingFaults {
        @Test("it is killed while events come twice, late and several at once") func kills() async throws {
            let stack = try await FaultyStack.shared().stack
            let owner = try await stack.makeOrganization("billing_faults", plan: "free")
            let stripe = StripeDeliveries(stack)
            let events = Self.lives(of: owner)
            for (number, batch) in stride(from: 0, to: events.count, by: 6).enumerated() {
                let slice = Array(events[batch..<min(batch + 6, events.count)])
                async let killed: Void = number.isMultiple(of: 2) ? stack.kill("billing-webhooks") : ()
                let taken = try await allAtOnce(slice.count + 1) { index in
                    try await stripe.deliverUntilTaken(slice[index % slice.count])
                }
                try await killed
                #expect(taken.allSatisfy { $0 != nil })
                try await stack.waitReady("billing-webhooks")
            }
            let books = Books(stack)
            let kept = try await books.count(
                "SELECT count(*) FROM billing.stripe_events WHERE customer_id LIKE 'cus_fault%'")
            #expect(kept == events.count)
            let plans = try await books.database.query(
                """
                SELECT data ->> 'previous' AS previous, data ->> 'plan' AS plan FROM bus.outbox
                WHERE org_id = 'billing_faults' AND type = 'billing.plan_changed' ORDER BY xid, id
                """, [])
            let changes = try plans.map { (try $0.string("previous"), try $0.string("plan")) }
            await books.close()
            #expect(changes.first?.0 == "free")
            #expect(changes.last?.1 == "enterprise")
            #expect(zip(changes, changes.dropFirst()).allSatisfy { $0.1 == $1.0 })
        }

        @Test("it is killed with an event in hand, at every step of its transaction", arguments: Halt.Step.entering)
        func killed(step: Halt.Step) async throws {
            let stack = try await FaultyStack.shared().stack
            let owner = try await stack.makeOrganization("billing_step_\(step)", plan: "free")
            let stripe = StripeDeliveries(stack)
            let event = StripeDeliveries.subscription(
                "step_\(step)", of: owner.organization, "created", second: Timestamp.now().milliseconds / 1000,
                price: owner.pricePro)
            try await Halt.run(stack) { halt in
                try await halt.hold(step)
                let first = Task { @Loop in try await stripe.deliver(event).status }
                let taker = try #require(try await halt.waiter(among: ["billing-webhooks"]))
                try stack.kill(taker)
                #expect(try await first.value == 503)
                try await halt.dismiss()
                try await halt.release(step)
            }
            try await stack.waitReady("billing-webhooks")
            let books = Books(stack)
            #expect(try await books.count(Self.keptOf, ["cus_step_\(step)"]) == 0)
            #expect(try await stripe.deliverUntilTaken(event) != nil)
            #expect(try await books.count(Self.keptOf, ["cus_step_\(step)"]) == 1)
            #expect(
                try await books.count(
                    "SELECT count(*) FROM bus.outbox WHERE org_id = $1 AND type = 'billing.plan_changed'",
                    [owner.organization]) == 1)
            await books.close()
        }

        private static let keptOf: Statement = "SELECT count(*) FROM billing.stripe_events WHERE customer_id = $1"

        /// Ten lives that have ended and one that goes on, told back to front.
        private static func lives(of owner: StackVariables) -> [JSON] {
            let second = Timestamp.now().milliseconds / 1000 - 3600
            func told(_ number: Int, _ change: String, _ after: Int64, _ status: String, _ price: String) -> JSON {
                StripeDeliveries.subscription(
                    "fault\(number)", of: owner.organization, change, second: second + after, status: status,
                    price: price)
            }
            let ended = (1...10).flatMap { number in
                [
                    told(number, "deleted", 9, "canceled", owner.pricePro),
                    told(number, "updated", 5, "past_due", owner.pricePro),
                    told(number, "updated", 1, "active", owner.pricePro),
                    told(number, "created", 0, "incomplete", owner.pricePro),
                ]
            }
            return ended + [told(11, "updated", 1, "active", owner.priceEnterprise)]
        }
    }
}
