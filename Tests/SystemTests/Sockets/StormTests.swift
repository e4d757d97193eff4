import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A thousand devices that are cut off at once", .serialized) @Loop struct Storms {
        @Test(
            "are all back within 20 seconds, and what was ordered meanwhile is printed once",
            arguments: [["gateway", "gateway-2"], ["edge-router"]])
        func storm(_ killed: [String]) async throws {
            let system = try await SocketStack.shared()
            let floor = ShopFloor(stack: system.stack)
            // All through the first edge, wherever earlier tests have driven them.
            try await system.stack.restart("virtual-device")
            let before = try await floor.devices().compactMapValues(\.session)
            #expect(before.count == SocketStack.crowd)
            for name in killed { try system.stack.kill(name) }
            let began = LoopInstant.current
            let ordering = Task.immediate { @Loop in
                let cloud = try Cloud(
                    system.stack, at: system.otherEdge, credential: ["x-api-key": system.stack.variables.apiKey])
                return try await allAtOnce(100) { number in
                    try await cloud.insist(
                        "/api/v1/devices/\(system.devices[number * 10])/commands", Sale.printReceipt,
                        key: "storm-\(killed[0])-\(number)"
                    ).json["id"]?.string
                }
            }
            let back: Bool? = try await eventually(within: .seconds(20)) {
                let sessions = try await floor.devices().compactMapValues(\.session)
                return sessions.count == before.count && sessions.allSatisfy { before[$0.key] != $0.value } ? true : nil
            }
            #expect(back == true)
            let ids = try await ordering.value.compactMap(\.self)
            #expect(ids.count == 100)
            let printed: Bool? = try await eventually(within: began + .seconds(20) - .current) {
                try await system.books.open().isDisjoint(with: ids) ? true : nil
            }
            #expect(printed == true)
            try await Invariants.check(system.stack)
            let prints = try await floor.devices().values.flatMap { $0.prints.map { $0 } }
            #expect(prints.filter { ids.contains($0.key) }.map(\.value) == Array(repeating: 1, count: 100))
            for name in killed { try await system.stack.waitReady(name) }
        }
    }
}
