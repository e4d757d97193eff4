import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("The commands of a device that was deleted", .serialized) @Loop struct DeletedDeviceTests {
    @Test("are cancelled while they are pending, and stay readable")
    func cancelled() async throws {
        try await DispatcherFixture.run { stack in
            let id = try await stack.order(of: "dev_1")
            let other = try await stack.order(of: "dev_2")
            _ = try await stack.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
            for _ in 1...5 { try await stack.sweep() }
            let command = try await stack.command(id)
            #expect(command["status"] == "cancelled")
            #expect(command["outcome"] == "not_executed")
            let listed = try await stack.request("commands.list", query: ["deviceId": "dev_1"])
            #expect(listed.body["commands"]?.array == [command])
            #expect(try await stack.command(other)["status"] == "pending")
        }
    }

    @Test("are cancelled without a sweep once word comes, and never delivered")
    func hint() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            var ids: [CommandID] = []
            for _ in 1...3 { ids.append(try await stack.order(of: "dev_1")) }
            _ = try await stack.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
            try await stack.gateway.connect("dev_1")
            try await stack.sweep()
            #expect(stack.gateway.delivered.isEmpty)
            stack.gateway.bus.publish(DeviceGone(deviceId: "dev_1"))
            for id in ids { #expect(try await stack.command(id, when: "cancelled") != nil) }
            #expect(stack.gateway.delivered.isEmpty)
        }
    }

    @Test("all come to an end, whichever were ordered before and after")
    func race() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            let statuses = try await allAtOnce(40) { index in
                if index == 20 {
                    _ = try await stack.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
                    stack.gateway.bus.publish(DeviceGone(deviceId: "dev_1"))
                    return 204
                }
                let body: JSON = ["type": "print_receipt", "payload": DispatcherFixture.receipt]
                return try await stack.request("devices.commands.create", path: ["deviceId": "dev_1"], body: body)
                    .status
            }
            #expect(statuses.allSatisfy { [201, 204, 404].contains($0) })
            for _ in 1...5 { try await stack.sweep() }
            let stored = statuses.count { $0 == 201 }
            #expect(try await stack.count("dispatch.commands") == stored)
            #expect(try await stack.count("dispatch.commands WHERE status = 'cancelled'") == stored)
        }
    }

    @Test("end like any other when they were being printed, and are not asked for for ever")
    func atWork() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            stack.gateway.behaviour = { _ in .doItSilently(.ok(data: ["receiptNumber": "7"])) }
            let id = try await stack.order(of: "dev_1")
            _ = try #require(try await stack.command(id, when: "sent"))
            _ = try await stack.owner.query("DELETE FROM org.devices WHERE device_id = 'dev_1'")
            try await stack.gateway.disconnect("dev_1")
            stack.gateway.bus.publish(DeviceGone(deviceId: "dev_1"))
            try await stack.age(id)
            try await stack.sweep()
            let ended = try await stack.command(id)
            #expect(ended["status"] == "timeout")
            #expect(ended["outcome"] == "unknown")
            #expect(try await stack.events(of: id) == ["command.timeout"])
            #expect(try await stack.count("dispatch.commands WHERE query_at < 'infinity'") == 0)
            #expect(try await stack.count("dispatch.lanes WHERE command_id IS NOT NULL") == 0)
            #expect(
                try await stack.gateway.report(.ok(data: ["receiptNumber": "7"]), to: id, from: "dev_1") == .committed)
            #expect(try await stack.command(id)["outcome"] == "executed")
            #expect(try await stack.count("dispatch.receipts") == 1)
        }
    }
}
