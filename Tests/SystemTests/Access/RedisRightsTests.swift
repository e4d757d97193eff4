import EventLoop
import Foundation
import JSON
import Models
import Redis
import TestSupport
import Testing

extension SystemTests {
    @Suite("A service's user of Redis", .serialized) @Loop struct RedisRights {
        private static let services = [
            "edge-router", "org-locations", "gateway", "command-dispatcher", "alerts-engine", "billing-webhooks",
            "notification-mailer",
        ]

        @Test("hears what is meant for it, and nothing that is meant for another")
        func hearing() async throws {
            try await withOwner { owner in
                for service in Self.services {
                    for other in Self.services {
                        for channel in ["rpc.\(other).\(other)_1", "inbox.\(other)_1"] {
                            try await expect(owner, service, ["SUBSCRIBE", channel], isAllowed: service == other)
                        }
                    }
                    try await expect(owner, service, ["PSUBSCRIBE", "*"], isAllowed: false)
                }
            }
        }

        @Test("orders only of those whom it calls, and answers only those who call it")
        func speaking() async throws {
            let calls = [
                "edge-router": [
                    "org-locations", "gateway", "command-dispatcher", "alerts-engine", "billing-webhooks",
                ],
                "gateway": ["gateway", "command-dispatcher"], "command-dispatcher": ["gateway"],
            ]
            try await withOwner { owner in
                for service in Self.services {
                    for other in Self.services {
                        try await expect(
                            owner, service, ["PUBLISH", "rpc.\(other).\(other)_1", "x"],
                            isAllowed: calls[service]?.contains(other) ?? false)
                        try await expect(
                            owner, service, ["PUBLISH", "inbox.\(other)_1", "x"],
                            isAllowed: calls[other]?.contains(service) ?? false)
                    }
                }
            }
        }

        @Test(
            "reaches its own keys and hints, by the commands that it needs",
            arguments: [
                ("edge-router", ["EVAL", "return 1", "1", "limit:global:key:1"], true),
                ("edge-router", ["EVAL", "return 1", "1", "presence:dev_1"], false),
                ("edge-router", ["SET", "presence:dev_1", "x"], false),
                ("gateway", ["EVAL", "return 1", "1", "presence:dev_1"], true),
                ("gateway", ["MGET", "limit:global:key:1"], false),
                ("gateway", ["SET", "instance:gateway:g1", "x"], true),
                ("gateway", ["SET", "instance:edge-router:e1", "x"], false),
                ("command-dispatcher", ["MGET", "presence:dev_1"], true),
                ("command-dispatcher", ["SET", "presence:dev_1", "x"], false),
                ("command-dispatcher", ["DEL", "presence:dev_1"], false),
                ("alerts-engine", ["MGET", "presence:dev_1"], false),
                ("alerts-engine", ["SUBSCRIBE", "hint.outbox"], true),
                ("notification-mailer", ["SUBSCRIBE", "hint.outbox"], true),
                ("notification-mailer", ["PUBLISH", "hint.outbox", "{}"], false),
                ("org-locations", ["PUBLISH", "hint.credentials.changed", "{}"], true),
                ("command-dispatcher", ["PUBLISH", "hint.credentials.changed", "{}"], false),
                ("billing-webhooks", ["PUBLISH", "hint.device.gone", "{}"], false),
                ("operator", ["ACL", "LOG"], true), ("operator", ["INFO"], true),
                ("operator", ["SET", "a", "b"], false), ("operator", ["PUBLISH", "hint.outbox", "{}"], false),
                ("operator", ["SUBSCRIBE", "hint.outbox"], false),
            ])
        func keys(user: String, command: [String], isAllowed: Bool) async throws {
            try await withOwner { try await expect($0, user, command, isAllowed: isAllowed) }
        }

        @Test("administers nothing")
        func administration() async throws {
            let commands = [
                ["CONFIG", "GET", "*"], ["FLUSHALL"], ["FLUSHDB"], ["KEYS", "*"], ["SCAN", "0"], ["MONITOR"],
                ["ACL", "LIST"], ["CLIENT", "KILL", "x"], ["SHUTDOWN"], ["DEBUG", "SLEEP", "1"], ["SCRIPT", "FLUSH"],
                ["FUNCTION", "LIST"], ["REPLICAOF", "a", "1"], ["SAVE"], ["SELECT", "1"],
            ]
            try await withOwner { owner in
                for service in Self.services {
                    for command in commands { try await expect(owner, service, command, isAllowed: false) }
                }
            }
        }

        @Test("has been refused nothing in all that the system has done, and is refused what it must not do")
        func refusals() async throws {
            let system = try await EverydayStack.shared()
            let order = try await system.cloud.post(
                "/api/v1/devices/\(system[.payloads])/commands", ["type": "open_drawer"])
            _ = try #require(try await system.ended(order))
            try await withOwner { owner in
                #expect(try await owner.send("ACL", "LOG").array?.count == 0)
                let gateway = try await connected(url(of: "gateway", system.stack))
                await #expect { try await gateway.send("SET", "limit:global:key:1", "x") } throws: { error in
                    "\(error)".contains("NOPERM")
                }
                gateway.close()
                #expect(try await owner.send("ACL", "LOG").array?.count == 1)
                _ = try await owner.send("ACL", "LOG", "RESET")
                var reason = ""
                let nobody = RedisConnection(RedisURL(try url(of: "gateway", system.stack).address)) { state in
                    if case .disconnected(let text, _) = state { reason = text }
                }
                #expect(await eventually { reason.contains("NOAUTH") ? true : nil } == true)
                nobody.close()
            }
        }

        private func expect(
            _ owner: RedisConnection, _ user: String, _ command: [String], isAllowed: Bool
        ) async throws {
            let words = (["ACL", "DRYRUN", user] + command).map { RedisArgument.string($0) }
            let verdict = try await owner.send(words).string ?? ""
            #expect((verdict == "OK") == isAllowed, "\(user): \(command.joined(separator: " ")): \(verdict)")
        }

        private func withOwner(_ body: @Loop (RedisConnection) async throws -> Void) async throws {
            let stack = try await EverydayStack.shared().stack
            let owner = try await connected(RedisURL(parsing: stack.variables.redisURL))
            try await body(owner)
            owner.close()
        }

        private func connected(_ url: RedisURL) async throws -> RedisConnection {
            let connection = RedisConnection(url)
            try #require(await eventually { connection.isConnected ? true : nil } == true)
            return connection
        }

        private func url(of user: String, _ stack: Stack) throws -> RedisURL {
            let owner = try RedisURL(parsing: stack.variables.redisURL)
            let secrets = try String(contentsOf: stack.directory.appending(path: "secrets.env"), encoding: .utf8)
            let variable = "REDIS_PASSWORD_\(user.uppercased().replacing("-", with: "_"))="
            let line = secrets.split(separator: "\n").first { $0.hasPrefix(variable) } ?? ""
            return RedisURL(owner.address, user: user, password: String(line.dropFirst(variable.count)))
        }
    }
}
