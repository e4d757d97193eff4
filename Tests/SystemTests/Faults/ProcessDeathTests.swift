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
            try await FaultyStack.stream("dispatcher", of: 4, every: 6) { number, shared in
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

        @Test("the mailer and the alerts: every alert is mailed, too") func mailer() async throws {
            let shared = try await FaultyStack.shared()
            let floor = ShopFloor(stack: shared.stack)
            // A mail server that stands still: mails are in the mailer's hands when it is killed for the last time.
            try shared.stack.kill("mail", SIGSTOP)
            try await FaultyStack.stream("mailer") { number, shared in
                if number < 6 {
                    for device in shared.devices[(number * 2)..<(number * 2 + 2)] {
                        try await floor.set("flags", ["paperNearEnd": true], of: device)
                    }
                }
                try await shared.kill(number % 2 == 0 ? "notification-mailer" : "alerts-engine")
            }
            let (mails, books) = (Mailbox(shared.stack), Books(shared.stack))
            let claimed: Int? = try await eventually(within: .seconds(20)) {
                let count = try await books.count("SELECT count(*) FROM mailer.jobs WHERE claim IS NOT NULL")
                return count > 0 ? count : nil
            }
            #expect(claimed != nil)
            try await shared.kill("notification-mailer")
            try shared.stack.kill("mail", SIGCONT)
            for device in shared.devices {
                let mail: String? = await eventually(within: .seconds(40)) {
                    mails.messages.first { $0.contains(device) }
                }
                #expect(mail != nil, "\(device)")
                try await floor.set("flags", ["paperNearEnd": false], of: device)
            }
            await books.close()
        }

        @Test("the keeper of the organizations") func organizations() async throws {
            try await FaultyStack.stream("organizations", every: 20) { _, shared in
                try await shared.kill("org-locations")
            }
        }

        @Test("the devices themselves") func devices() async throws {
            try await FaultyStack.stream("devices", every: 12) { _, shared in try await shared.kill("virtual-device") }
        }

        @Test("none, but each asked to leave") func politely() async throws {
            let names = [
                "gateway", "command-dispatcher", "edge-router", "gateway-2", "command-dispatcher-2", "org-locations",
            ]
            try await FaultyStack.stream("politely", every: 12) { number, shared in
                try await shared.stack.restart(names[number % names.count])
            }
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
