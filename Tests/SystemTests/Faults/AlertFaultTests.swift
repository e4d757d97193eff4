import EventLoop
import Glibc
import Models
import Redis
import TestSupport
import Testing

extension SystemTests {
    @Suite("Whatever happens to the engines and the bus, each alert is raised once and cleared once", .serialized)
    @Loop struct AlertFaults {
        private static let engines = ["alerts-engine", "alerts-engine-2"]

        private func setCover(open isOpen: Bool, _ device: String, _ stack: Stack) async throws {
            try await ShopFloor(stack: stack).set("flags", ["coverOpen": .bool(isOpen)], of: device)
        }

        /// Runs `body` with what was announced, which must be in order afterwards.
        private func following(_ body: @Loop (FaultyStack, AlertNews) async throws -> Void) async throws {
            let shared = try await FaultyStack.shared()
            let news = try AlertNews(shared.stack)
            try await body(shared, news)
            try await news.check()
            await news.close()
        }

        @Test(
            "the engine that has it in hand is killed, at every step of its transaction",
            arguments: Halt.Step.announcing)
        func killed(step: Halt.Step) async throws {
            try await following { shared, news in
                let device = shared.devices[step.rawValue]
                try await Halt.run(shared.stack) { halt in
                    for (isOpen, state) in [(true, "raised"), (false, "cleared")] {
                        let isTaken = step.state == nil || step.state == state
                        if isTaken { try await halt.hold(step) }
                        try await setCover(open: isOpen, device, shared.stack)
                        if isTaken {
                            let engine = try #require(try await halt.waiter(among: Self.engines))
                            try await shared.kill(engine)
                            try await halt.release(step)
                        }
                        #expect(try await news.becomes(state, "cover_open", of: device))
                    }
                }
            }
        }

        @Test("the engine that has it in hand stands still until the database has given it up, and goes on")
        func standstill() async throws {
            try await following { shared, news in
                let device = shared.devices[6]
                try await Halt.run(shared.stack) { halt in
                    try await halt.hold(.event)
                    try await setCover(open: true, device, shared.stack)
                    let engine = try #require(try await halt.waiter(among: Self.engines))
                    try shared.stack.kill(engine, SIGSTOP)
                    try await halt.release(.event)
                    #expect(try await news.becomes("raised", "cover_open", of: device))
                    try shared.stack.kill(engine, SIGCONT)
                    try await setCover(open: false, device, shared.stack)
                    #expect(try await news.becomes("cleared", "cover_open", of: device))
                }
            }
        }

        @Test("no hint arrives, since Redis cuts off whoever listens, or forgets everything") func bus() async throws {
            try await following { shared, news in
                let redis = RedisConnection(try RedisURL(parsing: shared.stack.variables.redisURL))
                defer { redis.close() }
                for (isOpen, state) in [(true, "raised"), (false, "cleared"), (true, "raised"), (false, "cleared")] {
                    for (number, device) in shared.devices.enumerated() {
                        if number % 4 == 1 { _ = try? await redis.send(["CLIENT", "KILL", "TYPE", "pubsub"]) }
                        if number == 6 { try await shared.stack.restartRedisEmpty() }
                        try await setCover(open: isOpen, device, shared.stack)
                    }
                    for device in shared.devices {
                        #expect(try await news.becomes(state, "cover_open", of: device), "\(device) \(state)")
                    }
                }
            }
        }

        @Test("a device's time comes when the engine that has noted it is dead") func clock() async throws {
            try await following { shared, news in
                let device = shared.devices[7]
                let books = Books(shared.stack)
                _ = try await books.database.query(
                    """
                    INSERT INTO dispatch.lanes AS l (device_id, org_id, last_z_report_at)
                    VALUES ($1, $2, now() - interval '24 hours' + interval '4 seconds')
                    ON CONFLICT (device_id) DO UPDATE SET last_z_report_at = excluded.last_z_report_at
                    """, [device, shared.stack.variables.organization])
                try await setCover(open: true, device, shared.stack)
                #expect(try await news.becomes("cleared", "z_report_overdue", of: device))
                for engine in Self.engines { try await shared.kill(engine) }
                #expect(try await news.becomes("raised", "z_report_overdue", of: device))
                let early = try await books.count(
                    """
                    SELECT count(*) FROM bus.outbox WHERE type = 'device.alert' AND data ->> 'state' = 'raised'
                    AND data #>> '{alert,type}' = 'z_report_overdue'
                    AND created_at < (data #>> '{alert,detectedAt}')::timestamptz
                    """)
                #expect(early == 0)
                try await setCover(open: false, device, shared.stack)
                #expect(try await news.becomes("cleared", "cover_open", of: device))
                await books.close()
            }
        }
    }
}

@Suite("The judge of the alerts") struct AlertNewsTests {
    private func judge(_ states: [String], isOpen: Bool) -> [String] {
        AlertNews.violations(
            [AlertNews.Story(device: "dev_1", type: "a", states: states)], open: isOpen ? ["dev_1 a"] : [])
    }

    @Test("has nothing against alerts that come and go") func innocent() {
        #expect(judge(["raised"], isOpen: true) == [])
        #expect(judge(["raised", "cleared", "raised", "cleared"], isOpen: false) == [])
        #expect(AlertNews.violations([], open: []) == [])
    }

    @Test("notices what was said twice, not at all, or the wrong way round") func guilty() {
        #expect(judge(["raised", "raised"], isOpen: true).count == 1)
        #expect(judge(["raised", "cleared", "cleared"], isOpen: false).count == 1)
        #expect(judge(["cleared", "raised"], isOpen: true).count == 1)
        #expect(judge(["raised", "cleared"], isOpen: true) == ["dev_1 a is open and was not announced"])
        #expect(judge(["raised"], isOpen: false) == ["dev_1 a was never cleared"])
        #expect(AlertNews.violations([], open: ["dev_1 a"]) == ["dev_1 a is open and was not announced"])
    }
}
