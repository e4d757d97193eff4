import EventLoop
import Glibc
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A device whose gateway or edge goes", .serialized) @Loop struct Departures {
        @Test("politely is told to come again", arguments: ["gateway", "edge-router"]) func restarted(_ service: String)
            async throws
        {
            let system = try await SocketStack.shared()
            let id = try await system.cloud.register("told by \(service)")
            let device = try await DeviceSocket(system.stack, device: id)
            #expect(await device.next("welcome") != nil)
            // It is at one of the two.
            let names = service == "gateway" ? ["gateway", "gateway-2"] : ["edge-router"]
            for name in names where device.closure == nil { try await system.stack.restart(name) }
            #expect(await device.closeCode() == 1012)
            let again = try await DeviceSocket(system.stack, device: id)
            #expect(await again.next("welcome") != nil)
            again.socket.close()
        }

        @Test("without a word is shown as disconnected, told of once, and never doubly there") func killed()
            async throws
        {
            let system = try await SocketStack.shared()
            let (stays, returns) = (
                try await system.cloud.register("stays away"), try await system.cloud.register("comes back")
            )
            let lost = (
                try await DeviceSocket(system.stack, device: stays),
                try await DeviceSocket(system.stack, device: returns)
            )
            for device in [stays, returns] {
                #expect(await eventually { try? await system.events(of: device).first } == "app.connected")
            }
            for gateway in ["gateway", "gateway-2"] { try system.stack.kill(gateway) }
            #expect(await lost.0.closeCode() == 1006)
            let again = try #require(
                await eventually { try? await DeviceSocket(system.stack, device: returns) }, "no gateway comes back")
            #expect(await again.next("welcome") != nil)
            // What counts as lost has been silent for 15 seconds; others look every five.
            let away: Bool? = try await eventually(within: .seconds(18)) {
                let status = try await system.cloud.get("/api/v1/devices/\(stays)/status").json
                return status["wsConnected"] == false && status["firestoreStatus"] == "offline" ? true : nil
            }
            #expect(away == true)
            let told: Bool? = try await eventually(within: .seconds(10)) {
                try await system.events(of: stays).count > 1 ? true : nil
            }
            #expect(told == true)
            again.socket.close()
            let last: Bool? = try await eventually {
                try await system.events(of: returns).last == "app.disconnected 1000" ? true : nil
            }
            #expect(last == true)
            let dead = ["app.connected", "app.disconnected 1006"]
            #expect(try await system.events(of: stays) == dead)
            #expect(try await system.events(of: returns) == dead + ["app.connected", "app.disconnected 1000"])
        }
    }
}
