import Bus
import Crypto
import EventLoop
import JSON
import Models
import Redis
import TestSupport
import Testing

extension SystemTests {
    @Suite("Somebody who can write to the bus", .serialized) @Loop struct Intruder {
        @Test("is nobody's caller: what they order is not even stored") func forgedCaller() async throws {
            let system = try await EverydayStack.shared()
            let books = Books(system.stack)
            let bus = Bus(
                service: .edgeRouter, instance: "edge-router_intruder",
                redis: try system.stack.redisURL(of: "edge-router"))
            try await bus.start()
            _ = await eventually { bus.instances(of: .commandDispatcher).isEmpty ? nil : true }
            let victim = Caller(
                apiKeyId: "apikey_demo", orgId: OrgID(system.stack.variables.organization), plan: .enterprise,
                scopes: [.all])
            let forger = SignedCaller(keys: SigningKeys(current: Array(repeating: 7, count: 32)))
            let before = try await commands(books)
            for caller in [try forger.vouch(for: victim, at: bus.time), try JSON(encoding: victim).description] {
                let reply = try await bus.call(
                    BusRequest(
                        endpoint: "devices.commands.create", path: ["deviceId": system.stack.variables.device],
                        headers: ["content-type": "application/json"], caller: caller, requestId: "intruder",
                        deadline: Loop.now + .seconds(5), body: Sale.printReceipt.serialized()),
                    to: .commandDispatcher)
                #expect(reply.status == 503)
            }
            #expect(try await commands(books) == before)
            #expect(system.stack.log("command-dispatcher").contains("nobody has vouched for the caller"))
            bus.abandon()
            await books.close()
        }

        @Test("keeps nobody from starting by what they write into the list of instances") func clutter() async throws {
            let system = try await EverydayStack.shared()
            let redis = try await system.stack.redis(as: "notification-mailer")
            try await redis.send("SADD", "instances", "clutter", "instance:gateway:nobody")
            let bus = Bus(
                service: .edgeRouter, instance: "edge-router_late", redis: try system.stack.redisURL(of: "edge-router"))
            try await bus.start()
            let members = try await redis.send("SMEMBERS", "instances").array?.compactMap(\.string) ?? []
            #expect(!members.contains("clutter") && !members.contains("instance:gateway:nobody"))
            #expect(!members.isEmpty)
            await bus.stop(deadline: Loop.now)
            redis.close()
        }

        private func commands(_ books: Books) async throws -> Int {
            try await books.database.query("SELECT count(*) AS n FROM dispatch.commands")[0].int("n")
        }
    }
}
