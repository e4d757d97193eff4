import EventLoop
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("Wherever a device fails, no receipt is printed twice and none is lost", .serialized)
    @Loop struct DeviceFaults {
        @Test(
            "at each point between the order and its answer",
            arguments: ["before-journal", "after-journal", "after-print", "before-result"], ["exit", "disconnect"])
        func point(_ point: String, _ action: String) async throws {
            try await FaultyStack.stream("\(point)-\(action)", of: 2, every: 4) { number, shared in
                try await ShopFloor(stack: shared.stack).set(
                    "failure", ["point": .string(point), "action": .string(action), "times": 1],
                    of: shared.devices[number % shared.devices.count])
            }
        }
    }
}
