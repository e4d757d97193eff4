import EventLoop
import Foundation
import TestSupport
import Testing

extension SystemTests {
    @Suite("A stack of real processes", .serialized) @Loop struct StackTests {
        @Test("starts a service again that was killed, and Redis, empty")
        func restart() async throws {
            try await Stack.run { stack in
                let before = try #require(stack.port(of: "gateway", "pid"))
                try stack.kill("gateway")
                try await stack.waitReady("gateway")
                #expect(stack.port(of: "gateway", "pid") != before)
                try await stack.restartRedisEmpty()
            }
        }

        @Test("runs as many replicas as it is asked for, and gives other organizations keys of their own")
        func replicas() async throws {
            try await Stack.run(Stack.Options(scale: ["gateway": 2])) { stack in
                #expect(stack.port(of: "gateway") != stack.port(of: "gateway-2"))
                let other = try await stack.makeOrganization("pizza_delta")
                #expect(other.apiKey.hasPrefix("ebon_live_pizza_delta_"))
                #expect(other.apiKey != stack.variables.apiKey)
            }
        }

        @Test("says what is wrong when it cannot do what it is told")
        func refusal() async throws {
            let failure = await #expect(throws: Stack.Failure.self) {
                try await Stack.run(Stack.Options(scale: ["cash-drawer": 1])) { _ in }
            }
            guard case .refused(let text) = failure else { return }
            #expect(text.contains("no service is called cash-drawer"))
        }

        @Test("leaves no process and no file behind")
        func ending() async throws {
            let stack = try await Stack.start()
            let processes = ["postgres", "redis", "mail", "gateway"].compactMap { name in stack.pid(of: name) }
            #expect(processes.count == 4)
            try await stack.stop()
            #expect(processes.allSatisfy { kill($0, 0) != 0 })
            #expect(!FileManager.default.fileExists(atPath: stack.directory.path))
        }
    }
}
