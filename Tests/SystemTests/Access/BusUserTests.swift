import EventLoop
import Models
import Redis
import TestSupport
import Testing

extension SystemTests {
    @Suite("A service's user of Redis", .serialized) @Loop struct BusUsers {
        /// The services stay away, so that nobody else speaks.
        private static var started: Task<Stack, any Error>?

        private func stack() async throws -> Stack {
            if let started = Self.started { return try await started.value }
            let nobody = Dictionary(uniqueKeysWithValues: ServiceName.allCases.map { ($0.rawValue, 0) })
            let task = Task { @Loop in try await Stack.start(Stack.Options(scale: nobody)) }
            Self.started = task
            return try await task.value
        }

        @Test(
            "hears its own requests, its own answers and its hints, and nothing else", arguments: ServiceName.allCases)
        func hears(_ service: ServiceName) async throws {
            let rights = try #require(BusRights.all[service])
            let heard = try await granted(BusRights.channels, to: service) { ["SUBSCRIBE", .string($0)] }
            #expect(heard == Set([BusRights.requests(to: service), BusRights.inbox(of: service)] + rights.hears))
        }

        @Test(
            "speaks to the services that it calls, to the inboxes of those that call it, and to nobody else",
            arguments: ServiceName.allCases)
        func speaks(_ service: ServiceName) async throws {
            let rights = try #require(BusRights.all[service])
            let reached = try await granted(BusRights.channels, to: service) { ["PUBLISH", .string($0), "{}"] }
            let requests = rights.calls.map(BusRights.requests(to:))
            let answers = BusRights.callers(of: service).map(BusRights.inbox(of:))
            #expect(reached == Set(requests + answers + rights.tells))
        }

        @Test("reads who is there and what is its own, and no other key", arguments: ServiceName.allCases)
        func reads(_ service: ServiceName) async throws {
            let rights = try #require(BusRights.all[service])
            let read = try await granted(BusRights.keys, to: service) { ["MGET", .string($0)] }
            #expect(read == Set(ServiceName.allCases.map(BusRights.announcement(of:)) + rights.reads + rights.writes))
        }

        @Test("writes its own keys and no others", arguments: ServiceName.allCases)
        func writes(_ service: ServiceName) async throws {
            let rights = try #require(BusRights.all[service])
            let written = try await granted(BusRights.keys, to: service) { ["DEL", .string($0)] }
            #expect(written == Set([BusRights.announcement(of: service)] + rights.writes))
        }

        @Test("can neither look around nor break anything, no more than the operator", arguments: Self.users)
        func rules(_ user: String) async throws {
            let redis = try await stack().redis(as: user)
            defer { redis.close() }
            for command in Self.forbidden {
                await #expect("\(command)") {
                    try await redis.send(command.split(separator: " ").map { .string(String($0)) })
                } throws: {
                    Self.isRefusal($0)
                }
            }
        }

        @Test("is needed: without a user, or with another's password, nothing is answered")
        func strangers() async throws {
            let stack = try await stack()
            let known = try stack.redisURL(of: "gateway")
            for (user, password, answer) in [
                (nil, nil, "NOAUTH"), ("default", "", "WRONGPASS"), ("default", known.password, "WRONGPASS"),
                ("edge-router", known.password, "WRONGPASS"),
            ] {
                var reasons: [String] = []
                let redis = RedisConnection(RedisURL(known.address, user: user, password: password)) {
                    if case .disconnected(let reason, _) = $0 { reasons.append(reason) }
                }
                let reason: String? = await eventually { reasons.first }
                #expect(reason?.hasPrefix(answer) == true, "\(user ?? "-"): \(reason ?? "-")")
                redis.close()
            }
        }

        @Test("meets no refusal in its work: a receipt, a mail, a webhook, an event, a revoked key, a deleted device")
        func daily() async throws {
            let system = try await EverydayStack.shared()
            let portal = try await Cloud.portal(system.stack)
            let key = try await portal.post("/api/v1/org/api-keys", ["label": "Bus", "scopes": ["receipts:read"]])
            let listener = EventListener(system.stack, credential: ["x-api-key": key.json["key"]?.string ?? ""])
            try await listener.open()
            let order = try await system.cloud.post("/api/v1/devices/\(system[.bus])/commands", Sale.printReceipt)
            #expect(try await system.ended(order)?.json["status"]?.string == "completed")
            #expect(await listener.event("receipt.created") { $0["deviceId"]?.string == system[.bus] } != nil)
            let guest = "bus@acme-corp.example"
            #expect(
                try await portal.post("/api/v1/org/members", ["email": .string(guest), "role": "operator"]).status
                    == 201)
            #expect(await Mailbox(system.stack).linkToken(to: guest) != nil)
            let organization = try await system.stack.makeOrganization("bus_corp", plan: "free")
            let event = StripeDeliveries.subscription(
                "bus", of: "bus_corp", "created", second: Timestamp.now().milliseconds / 1000,
                price: organization.pricePro)
            #expect(try await StripeDeliveries(system.stack).deliver(event).status == 200)
            #expect(
                try await portal.send(.delete, "/api/v1/org/api-keys/\(key.json["id"]?.string ?? "")").status == 204)
            #expect(await listener.closeCode() == 4401)
            let device = try await system.cloud.register("bus, for a moment")
            #expect(try await system.cloud.send(.delete, "/api/v1/devices/\(device)").status == 204)
            #expect(try await system.stack.refusals() == [])
        }

        /// The names with which Redis does what `command` makes of them.
        private func granted(
            _ names: [String], to service: ServiceName, _ command: (String) -> [RedisArgument]
        ) async throws -> Set<String> {
            let redis = try await stack().redis(as: service.rawValue)
            defer { redis.close() }
            var granted: Set<String> = []
            for name in names {
                redis.send(command(name)) { result in
                    switch result {
                    case .success: granted.insert(name)
                    case .failure(let error): #expect(Self.isRefusal(error), "\(name): \(error)")
                    }
                }
            }
            try await redis.send("PING")
            return granted
        }

        private nonisolated static func isRefusal(_ error: any Error) -> Bool {
            guard case .refused(let text)? = error as? RedisError else { return false }
            return text.hasPrefix("NOPERM")
        }

        private nonisolated static let users = ServiceName.allCases.map(\.rawValue) + ["operator"]

        private nonisolated static let forbidden = [
            "CONFIG GET *", "CONFIG SET maxmemory 1", "FLUSHALL", "FLUSHDB", "KEYS *", "SCAN 0", "RANDOMKEY",
            "ACL SETUSER default on nopass ~* &* +@all", "ACL GETUSER gateway", "CLIENT KILL TYPE pubsub",
            "CLIENT PAUSE 1", "MODULE LIST", "PSUBSCRIBE *", "REPLICAOF NO ONE", "SAVE",
            "SCRIPT FLUSH", "SWAPDB 0 1",
        ]
    }
}
