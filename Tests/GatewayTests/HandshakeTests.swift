import Crypto
import EventLoop
import HTTP
import JSON
import Models
import TestSupport
import Testing

@testable import Gateway

@Suite("The handshake of a device socket", .serialized) @Loop struct HandshakeTests {
    @Test("is refused by HTTP status before the upgrade, with the path of what is wrong")
    func refusals() async throws {
        try await GatewayFixture.run { fixture in
            let cases: [(query: String, status: Int, path: String?)] = [
                ("appVersion=1", 400, "query.deviceId"), ("deviceId=", 400, "query.deviceId"),
                ("deviceId=dev_1&osVersion=a%00b", 400, "query.osVersion"),
                ("deviceId=dev_1&appVersion=\(String(repeating: "1", count: 256))", 400, "query.appVersion"),
                ("deviceId=dev_nobody", 404, nil), ("deviceId=dev_foreign", 404, nil),
            ]
            for expected in cases {
                let refusal = try await fixture.refusal(expected.query)
                #expect(refusal?.status == expected.status, "\(expected.query)")
                #expect(refusal?.body["error"]?["details"]?[0]?["path"]?.string == expected.path)
            }
            #expect(try await fixture.holder(of: "dev_1") == nil)
        }
    }

    @Test("of a caller whom nobody vouches for may be repeated: it is not the app's credential that is wrong")
    func notVouchedFor() async throws {
        try await GatewayFixture.run { fixture in
            let stranger = SignedCaller(keys: SigningKeys(current: Array(repeating: 3, count: 32)))
            for query in ["deviceId=dev_1", "subscribe=events"] {
                let refusal = try await fixture.refusal(query, signedWith: stranger)
                #expect(refusal?.status == 503, "\(query)")
                #expect(refusal?.body["error"]?["code"] == "SERVICE_UNAVAILABLE")
            }
        }
    }

    @Test("looks its device up together with all that come at once, and learns of its own only")
    func together() async throws {
        try await GatewayFixture.run { fixture in
            let lookups = DeviceLookups(store: GatewayStore(pool: fixture.owner))
            let before = fixture.owner.roundTrips
            let count = DeviceLookups.mostInABatch + 1
            let found = try await allAtOnce(count) { number in
                try await lookups.find(number % 3 == 2 ? "dev_foreign" : DeviceID("dev_\(number)"), of: "acme_corp")
            }
            #expect(fixture.owner.roundTrips - before == 2)
            #expect(found.indices.filter { found[$0] != nil } == [1, 3, 4])
            #expect(Set(found.compactMap { $0?.epoch }).count == 3)
        }
    }

    @Test("of who fights over a device is answered 429 after ten takeovers within a minute")
    func damped() async throws {
        try await GatewayFixture.run { fixture in
            for _ in 1...11 { _ = try await fixture.connect("dev_1") }
            let refusal = try await fixture.refusal("deviceId=dev_1")
            #expect(refusal?.status == 429)
            #expect(refusal?.body["code"] == "RATE_LIMIT_EXCEEDED")
            #expect(try await fixture.refusal("deviceId=dev_2") == nil)
        }
    }

    @Test("that the client leaves half-way gives the device up again")
    func abandoned() async throws {
        try await GatewayFixture.run { fixture in
            let snapshot = DeviceSnapshot.of("dev_1", epoch: 1)
            try await fixture.claim(snapshot)
            fixture.gateways[0].sockets.expect(snapshot, within: .milliseconds(1))
            let released = try await eventually { try await fixture.holder(of: "dev_1") == nil ? true : nil }
            #expect(released == true)
        }
    }

    @Test("tells the dispatcher, and writes who is connected with what")
    func accepted() async throws {
        try await GatewayFixture.run { fixture in
            let app = try await fixture.connect("dev_1")
            let welcome = try #require(await app.frame("welcome"))
            #expect(welcome["heartbeatSeconds"] == 25)
            #expect(app.socket?.subprotocol == "ebon.device.v1")
            let holder = try #require(try await fixture.holder(of: "dev_1"))
            #expect(welcome["session"]?.string == holder.session)
            #expect(await eventually { fixture.dispatcher.connected.first }?.session == holder.session)
            #expect(try await fixture.status(of: "dev_1", becomes: "online"))
            #expect(try await fixture.events(of: "dev_1") == ["app.connected", "device.status online"])
        }
    }
}
