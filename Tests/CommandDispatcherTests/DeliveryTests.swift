import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("Delivering commands", .serialized) @Loop struct DeliveryTests {
    @Test("prints a receipt that was ordered, once, and writes it into the journal")
    func printsOnce() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in
                .answer(.ok(data: ["receiptNumber": "0000123", "fiscalDate": "2026-04-09T08:10:00Z"]))
            }
            let id = try await stack.order(of: "dev_1")
            let command = try #require(try await stack.command(id, when: "completed"))
            #expect(command["outcome"] == "executed")
            #expect(command["attempts"] == 1)
            #expect(command["result"]?["receiptNumber"] == "0000123")
            #expect(command["resolvedAt"] == nil)
            let receipt = try #require(try await stack.receipts(of: "dev_1").first)
            #expect(receipt["commandId"]?.string == id.rawValue)
            #expect(receipt["total"]?.text == "20.00")
            #expect(receipt["vatBreakdown"]?[0]?["base"]?.text == "18.35")
            #expect(receipt["locationId"] == "loc_main")
            #expect(receipt["fiscalId"] == "2026-04-09-0000123")
            #expect(try await stack.events(of: id) == ["command.completed"])
            #expect(try await stack.count("bus.outbox WHERE type = 'receipt.created'") == 1)
            #expect(stack.gateway.prints == [id: 1])
            #expect(stack.gateway.verdicts[id] == .committed)
        }
    }

    @Test("keeps commands for a device that is away, and delivers them one at a time, oldest first")
    func waitsForTheDevice() async throws {
        try await DispatcherFixture.run { stack in
            var ids: [CommandID] = []
            for _ in 1...5 { ids.append(try await stack.order(of: "dev_1")) }
            try await stack.sweep()
            #expect(stack.gateway.delivered.isEmpty)
            try await stack.gateway.connect("dev_1")
            for id in ids { _ = try #require(try await stack.command(id, when: "completed")) }
            #expect(stack.gateway.ids(of: "dev_1") == ids)
        }
    }

    @Test("finds a device by the sweep when its notice got lost")
    func sweeps() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await stack.order(of: "dev_1")
            try await stack.gateway.connect("dev_1", announced: false)
            try await stack.sweep()
            #expect(try await stack.command(id, when: "completed") != nil)
        }
    }

    @Test("takes back what the socket refused, and counts only what was delivered")
    func takesBack() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .refuse }
            let id = try await stack.order(of: "dev_1")
            _ = await eventually { stack.gateway.delivered.count == 1 ? true : nil }
            let command = try #require(try await stack.command(id, when: "pending"))
            #expect(command["attempts"] == 0)
            #expect(command["sentAt"] == nil)
            #expect(command["outcome"] == .null)
            stack.gateway.behaviour = { _ in .answer(.ok(data: [:])) }
            try await stack.gateway.connect("dev_1")
            #expect(try await stack.command(id, when: "completed")?["attempts"] == 1)
        }
    }

    @Test("does not claim for a gateway that is gone")
    func goneGateway() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.bus.abandon()
            let bus = stack.dispatchers[0].bus
            _ = await eventually { bus.instances(of: .gateway).isEmpty ? true : nil }
            let id = try await stack.order(of: "dev_1")
            try await stack.sweep()
            #expect(try await stack.command(id)["status"] == "pending")
        }
    }

    @Test("delivers each command once with several replicas at work, in order for each device")
    func replicas() async throws {
        try await DispatcherFixture.run(replicas: 3) { stack in
            let devices = (1...5).map { DeviceID("dev_\($0)") }
            for device in devices { try await stack.gateway.connect(device) }
            var ordered: [DeviceID: [CommandID]] = [:]
            for _ in 1...12 {
                for device in devices { ordered[device, default: []].append(try await stack.order(of: device)) }
                try await stack.sweep()
            }
            for (device, ids) in ordered {
                for id in ids { _ = try #require(try await stack.command(id, when: "completed")) }
                #expect(stack.gateway.ids(of: device) == ids)
            }
            #expect(stack.gateway.prints.values.allSatisfy { $0 == 1 })
            #expect(try await stack.count("dispatch.receipts") == 60)
        }
    }

    @Test("either cancels or delivers a command, never both")
    func cancelRace() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            try await stack.gateway.connect("dev_1")
            for _ in 1...40 {
                let id = try await stack.order(of: "dev_1")
                let cancelled = try await stack.request("commands.cancel", path: ["commandId": id.rawValue])
                if cancelled.status == 200 {
                    #expect(cancelled.body["status"] == "cancelled")
                    #expect(stack.gateway.prints[id] == nil)
                } else {
                    #expect(cancelled.status == 409)
                    _ = try #require(try await stack.command(id, when: "completed"))
                    #expect(stack.gateway.prints[id] == 1)
                }
            }
        }
    }

    @Test("survives the end of all database connections without losing or doubling an answer")
    func databaseConnectionsEnd() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .doItSilently(.ok(data: ["receiptNumber": "7"])) }
            let id = try await stack.order(of: "dev_1")
            _ = await eventually { stack.gateway.journal[id] }
            try await stack.postgres.terminateBackends(of: stack.database)
            let verdict = await eventually {
                try? await stack.gateway.report(.ok(data: ["receiptNumber": "7"]), to: id, from: "dev_1")
            }
            #expect(verdict == .committed)
            #expect(try await stack.command(id, when: "completed")?["outcome"] == "executed")
            #expect(try await stack.receipts(of: "dev_1").count == 1)
        }
    }

    @Test("ignores what a replica decides that was stopped since it looked")
    func oldPicture() async throws {
        try await DispatcherFixture.run { stack in
            let store = CommandStore(pool: stack.dispatchers[0].pool)
            let ledger = CommandLedger(store: store)
            let id = try await stack.order(of: "dev_1")
            let claimed = try await store.claim([("dev_1", "session-0")], at: .now())
            #expect(claimed.map(\.id) == [id])
            #expect(try await store.claim([("dev_1", "session-0")], at: .now()).isEmpty)
            try await stack.gateway.connect("dev_1")
            _ = try #require(try await stack.command(id, when: "completed"))
            try await ledger.apply(.notDelivered, to: claimed)
            try await ledger.apply(.tick, to: claimed)
            #expect(try await stack.command(id)["status"] == "completed")
            #expect(stack.gateway.prints == [id: 1])
        }
    }

    @Test("goes on after Redis has come back empty")
    func emptyRedis() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            let first = try await stack.order(of: "dev_1")
            _ = try #require(try await stack.command(first, when: "completed"))
            try await stack.redis.stop()
            try await stack.redis.start()
            let second = await eventually { try? await stack.order(of: "dev_1") }
            let id = try #require(second)
            _ = await eventually { (try? await stack.gateway.connect("dev_1")) != nil ? true : nil }
            try await stack.sweep()
            #expect(try await stack.command(id, when: "completed") != nil)
            #expect(stack.gateway.prints[id] == 1)
        }
    }

    @Test("prints each receipt once and keeps it, however often the database is cut off while replicas are at work")
    func cutAgainAndAgain() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            stack.gateway.behaviour = { command in
                // Every third answer gets lost and has to be asked for.
                let answer = DeviceAnswer.ok(data: ["receiptNumber": .string(command.commandId.rawValue)])
                return stack.gateway.delivered.count.isMultiple(of: 3) ? .doItSilently(answer) : .answer(answer)
            }
            let devices = (1...5).map { DeviceID("dev_\($0)") }
            for device in devices { try await stack.gateway.connect(device) }
            var ids: [CommandID] = []
            for number in 1...40 {
                let id = await eventually { try? await stack.order(of: devices[number % 5]) }
                ids.append(try #require(id))
                if number.isMultiple(of: 4) { try await stack.postgres.terminateBackends(of: stack.database) }
            }
            let ended = await eventually(within: .seconds(40)) {
                // What was sent and not heard of is asked for ten seconds later: let them pass.
                _ = try? await stack.owner.query(
                    """
                    UPDATE dispatch.commands
                    SET sent_at = sent_at - interval '20 seconds', query_at = query_at - interval '20 seconds'
                    WHERE status = 'sent'
                    """)
                try? await stack.sweep()
                let open = try? await stack.count("dispatch.commands WHERE finished_at IS NULL")
                return open == 0 ? true : nil
            }
            #expect(ended == true)
            #expect(stack.gateway.prints.values.allSatisfy { $0 == 1 })
            #expect(Set(stack.gateway.prints.keys).isSuperset(of: ids))
            let printed = stack.gateway.prints.count
            #expect(try await stack.count("dispatch.receipts") == printed)
            #expect(try await stack.count("dispatch.commands WHERE status = 'completed'") == printed)
        }
    }
}
