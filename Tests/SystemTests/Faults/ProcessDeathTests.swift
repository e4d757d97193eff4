import EventLoop
import Glibc
import TestSupport
import Testing

extension SystemTests {
    @Suite(
        "Whatever process is killed in the middle of the work, no receipt is printed twice and none is lost",
        .serialized)
    @Loop struct ProcessDeath {
        @Test("a dispatcher, one of two at a time") func dispatcher() async throws {
            try await FaultyStack.stream("dispatcher", every: 9) { number, shared in
                try await shared.kill(number % 2 == 0 ? "command-dispatcher" : "command-dispatcher-2")
            }
        }

        @Test("both dispatchers at once") func dispatchers() async throws {
            try await FaultyStack.stream("dispatchers", every: 30) { _, shared in
                try await shared.kill("command-dispatcher")
                try await shared.kill("command-dispatcher-2")
            }
        }

        @Test("a gateway, one of two at a time") func gateway() async throws {
            try await FaultyStack.stream("gateway", every: 7) { number, shared in
                try await shared.kill(number % 2 == 0 ? "gateway" : "gateway-2")
            }
        }

        @Test("the edge") func edge() async throws {
            try await FaultyStack.stream("edge", every: 20) { _, shared in try await shared.kill("edge-router") }
        }

        @Test("the mailer and the alerts") func mailer() async throws {
            try await FaultyStack.stream("mailer", every: 12) { number, shared in
                try await shared.kill(number % 2 == 0 ? "notification-mailer" : "alerts-engine")
            }
        }

        @Test("the keeper of the organizations") func organizations() async throws {
            try await FaultyStack.stream("organizations", every: 20) { _, shared in
                try await shared.kill("org-locations")
            }
        }

        @Test("the devices themselves") func devices() async throws {
            try await FaultyStack.stream("devices", every: 12) { _, shared in try await shared.kill("virtual-device") }
        }

        @Test("everything in turn") func everything() async throws {
            let names = [
                "command-dispatcher", "gateway", "virtual-device", "command-dispatcher-2", "edge-router", "gateway-2",
            ]
            try await FaultyStack.stream("everything", of: 8, every: 8) { number, shared in
                try await shared.kill(names[number % names.count])
            }
        }
    }
}
