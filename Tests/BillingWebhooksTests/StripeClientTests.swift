import EventLoop
import HTTP
import JSON
import ServiceRuntime
import TestSupport
import Testing

@testable import BillingWebhooks
@testable import Curl

@Suite("Requests to Stripe", .timeLimit(.minutes(1))) @Loop struct StripeClientTests {
    private static func run(_ body: @Loop (StripeClient, StripeDouble) async throws -> Void) async throws {
        try await StripeDouble.run { double, base in
            try await body(StripeClient(base: base, key: Secret(StripeDouble.key)), double)
        }
    }

    private static var soon: LoopInstant { LoopInstant.current + .seconds(20) }

    @Test("name the key, the pinned version and, when they change something, an idempotency key")
    func headers() async throws {
        try await Self.run { stripe, double in
            let answer = try await stripe.post("/v1/customers", ["name": "Țuică & Co"], deadline: Self.soon)
            #expect(answer.json["name"]?.string == "Țuică & Co")
            _ = try await stripe.get("/v1/invoices", ["customer": "cus_1"], deadline: Self.soon)
            let (post, get) = (double.received[0], double.received[1])
            #expect(post.headers["Authorization"] == "Bearer \(StripeDouble.key)")
            #expect(post.headers["Stripe-Version"] == "2025-03-31.basil")
            #expect(post.headers["Content-Type"] == "application/x-www-form-urlencoded")
            #expect(post.headers["Idempotency-Key"]?.isEmpty == false)
            #expect(get.headers["Stripe-Version"] == "2025-03-31.basil")
            #expect(get.parameters == ["customer": "cus_1"])
        }
    }

    @Test("are repeated with the same key when the connection breaks or Stripe is busy, and take effect once")
    func retries() async throws {
        try await Self.run { stripe, double in
            double.faults = [.status(500), .status(429), .cutAfterEffect]
            let answer = try await stripe.post("/v1/customers", ["name": "Acme"], deadline: Self.soon)
            #expect(answer.json["id"]?.string == "cus_double1")
            #expect(double.received.count == 4)
            #expect(Set(double.received.compactMap { $0.headers["Idempotency-Key"] }).count == 1)
        }
    }

    @Test("are not repeated when Stripe refuses, or says that it is no use")
    func refusals() async throws {
        try await Self.run { stripe, double in
            for (fault, isRefusal) in [
                (StripeDouble.Fault.status(400), true), (.status(402), true), (.status(404), true),
                (.status(500, headers: ["Stripe-Should-Retry": "false"]), false),
            ] {
                let before = double.received.count
                double.faults = [fault]
                let error = await #expect(throws: StripeError.self) {
                    try await stripe.get("/v1/invoices", deadline: Self.soon)
                }
                #expect(double.received.count == before + 1)
                guard case .refused(let refusal) = error else {
                    #expect(!isRefusal)
                    continue
                }
                #expect(isRefusal)
                #expect(refusal.code == "scripted")
                #expect(refusal.requestID == "req_double")
            }
        }
    }

    @Test("end at their deadline, whatever Stripe does")
    func deadline() async throws {
        try await Self.run { stripe, double in
            for fault in [StripeDouble.Fault.silence, .status(503, headers: ["Retry-After": "30"])] {
                double.faults = [fault]
                let end = LoopInstant.current + .milliseconds(600)
                let error = await #expect(throws: StripeError.self) {
                    try await stripe.get("/v1/invoices", deadline: end)
                }
                guard case .unavailable = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
            }
        }
    }

    struct Pause: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let status: Int
        var headers: [String] = []
        let milliseconds: [Int64?]
    }

    @Test(
        "are repeated after pauses that double, as far as the deadline allows",
        arguments: [
            Pause(testDescription: "a fault", status: 500, milliseconds: [250, 500, 1000, 2000, 2000, nil]),
            Pause(testDescription: "too many requests", status: 429, milliseconds: [250, 500, 1000, 2000, 2000, nil]),
            Pause(testDescription: "an equal request at work", status: 409, milliseconds: [250, 500]),
            Pause(testDescription: "a refusal", status: 400, milliseconds: [nil]),
            Pause(
                testDescription: "a refusal that may pass", status: 400, headers: ["Stripe-Should-Retry: true"],
                milliseconds: [250]),
            Pause(
                testDescription: "a wish", status: 429, headers: ["Retry-After: 3"], milliseconds: [3000, 3000, nil]),
            Pause(testDescription: "no wish", status: 429, headers: ["Retry-After: soon"], milliseconds: [250]),
        ])
    func pauses(_ pause: Pause) {
        var now = LoopInstant(nanoseconds: 0)
        var retries = StripeRetries(deadline: now + .seconds(7))
        let response = CurlResponse(lines: ["HTTP/1.1 \(pause.status)"] + pause.headers, status: pause.status, body: [])
        for expected in pause.milliseconds {
            let next = retries.pause(after: response, now: now)
            #expect(next == expected.map { Duration.milliseconds($0) })
            now = now + (next ?? .zero)
        }
    }

    @Test("write their parameters so that any text arrives as it is")
    func form() {
        let form: StripeForm = ["metadata[orgId]": "a_b", "name": "Țuică & Co = 100%+", "url": "https://x.ro/?a={B}"]
        #expect(
            form.text == "metadata%5BorgId%5D=a_b&name=%C8%9Auic%C4%83%20%26%20Co%20%3D%20100%25%2B"
                + "&url=https%3A%2F%2Fx.ro%2F%3Fa%3D%7BB%7D")
    }
}
