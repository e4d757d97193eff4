import CommandDispatcherRoutes
import EventLoop
import JSON
import Models
import TestSupport
import Testing

@testable import CommandDispatcher

@Suite("Ordering commands", .serialized) @Loop struct SubmissionTests {
    private let submission: JSON = ["type": "print_receipt", "payload": DispatcherFixture.receipt]

    @Test("mounts every route that the service declares")
    func everyDeclaredRouteIsMounted() async throws {
        try await DispatcherFixture.run { stack in
            let declared = Set(CommandDispatcherRoutes.all.map(\.name))
            #expect(declared.isSubset(of: stack.dispatchers[0].bus.mounted))
        }
    }

    @Test("answers 201 with the whole object, pending and stored")
    func created() async throws {
        try await DispatcherFixture.run { stack in
            let answer = try await stack.request(
                "devices.commands.create", path: ["deviceId": "dev_1"], body: submission)
            #expect(answer.status == 201)
            #expect(answer.body["status"] == "pending")
            #expect(answer.body["outcome"] == .null)
            #expect(answer.body["attempts"] == 0)
            #expect(answer.body["apiKeyId"] == "apikey_1")
            #expect(answer.body["payload"] == DispatcherFixture.receipt)
            let id = try #require(answer.body["id"]?.string)
            #expect(try await stack.command(CommandID(id)) == answer.body)
        }
    }

    @Test("takes the device of the path, whatever the body calls so", arguments: ["dev_2", 5, [:], nil] as [JSON])
    func deviceInBody(_ device: JSON) async throws {
        try await DispatcherFixture.run { stack in
            let answer = try await stack.request(
                "devices.commands.create", path: ["deviceId": "dev_1"],
                body: ["deviceId": device, "type": "open_drawer"])
            #expect(answer.status == 201 && answer.body["deviceId"] == "dev_1")
        }
    }

    @Test("names every wrong field of a payload")
    func validation() async throws {
        try await DispatcherFixture.run { stack in
            let body: JSON = [
                "deviceId": "dev_1", "type": "print_receipt",
                "payload": [
                    "items": [["name": "Coffee", "quantity": 0, "price": 10, "vatRate": 19]],
                    "payments": [["type": "gold", "amount": 20]],
                ],
            ]
            let answer = try await stack.request("commands.create", body: body)
            #expect(answer.status == 400)
            let details = answer.body["error"]?["details"]?.array ?? []
            #expect(
                Set(details.compactMap { $0["path"]?.string }) == [
                    "body.payload.items[0].quantity", "body.payload.items[0].vatRate", "body.payload.payments[0].type",
                ])
            #expect(details.contains { $0["message"] == "vatRate must be one of: 0, 9, 11, 21" })
            #expect(try await stack.count("dispatch.commands") == 0)
        }
    }

    @Test(
        "knows neither missing devices nor those of others, whatever the body", arguments: ["dev_none", "dev_foreign"])
    func unknownDevice(_ device: String) async throws {
        try await DispatcherFixture.run { stack in
            for body in [submission, ["type": "print_receipt"], ["type": "nonsense"]] as [JSON] {
                let answer = try await stack.request("devices.commands.create", path: ["deviceId": device], body: body)
                #expect(answer.status == 404)
                #expect(answer.body["error"]?["message"] == "Device not found")
                var named = try #require(body.object)
                named["deviceId"] = .string(device)
                #expect(try await stack.request("commands.create", body: .object(named)).status == 404)
            }
            #expect(try await stack.count("dispatch.commands") == 0)
            #expect(try await stack.count("dispatch.lanes") == 0)
        }
    }

    @Test("wants a further scope for raw commands")
    func rawCommands() async throws {
        try await DispatcherFixture.run { stack in
            let body: JSON = ["deviceId": "dev_1", "type": "raw_command", "payload": ["data": "0a0b"]]
            #expect(try await stack.request("commands.create", body: body, scopes: [.commands]).status == 403)
            let both = try await stack.request("commands.create", body: body, scopes: [.commands, .devicesWrite])
            #expect(both.status == 201)
        }
    }

    @Test("makes one command of many simultaneous requests under one key")
    func idempotent() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            let requests = (1...40).map { _ in
                Task { @Loop in
                    try await stack.request(
                        "devices.commands.create", path: ["deviceId": "dev_1"], body: submission, key: "order-1")
                }
            }
            var bodies: Set<JSON> = []
            var replays = 0
            for request in requests {
                let answer = try await request.value
                #expect(answer.status == 201)
                bodies.insert(answer.body)
                if answer.headers["idempotent-replayed"] == "true" { replays += 1 }
            }
            #expect(bodies.count == 1)
            #expect(replays == 39)
            #expect(try await stack.count("dispatch.commands") == 1)
        }
    }

    @Test("refuses a key that was used for something else, or has the wrong form; keys are an organization's own")
    func keys() async throws {
        try await DispatcherFixture.run { stack in
            let path = ["deviceId": "dev_1"]
            func order(_ body: JSON, _ key: String) async throws -> Int {
                try await stack.request("devices.commands.create", path: path, body: body, key: key).status
            }
            #expect(try await order(submission, "k") == 201)
            #expect(try await order(["payload": DispatcherFixture.receipt, "type": "print_receipt"], "k") == 201)
            #expect(try await order(["type": "open_drawer"], "k") == 422)
            #expect(try await order(submission, "not a key") == 400)
            #expect(try await order(submission, String(repeating: "k", count: 129)) == 400)
            let other = try await stack.request(
                "devices.commands.create", path: ["deviceId": "dev_foreign"], body: submission, key: "k", orgId: "other"
            )
            #expect(other.status == 201)
            let missing = try await stack.request(
                "devices.commands.create", path: ["deviceId": "dev_none"], body: submission, key: "k")
            #expect(missing.status == 404)
            #expect(try await stack.count("dispatch.commands") == 2)
            _ = try await stack.owner.query(
                "UPDATE dispatch.idempotency_keys SET created_at = created_at - interval '25 hours'")
            #expect(try await order(["type": "open_drawer"], "k") == 201)
        }
    }

    @Test("forgets every key that is older than 24 hours, however many there are")
    func oldKeys() async throws {
        try await DispatcherFixture.run { stack in
            _ = try await stack.owner.query(
                """
                INSERT INTO dispatch.idempotency_keys (org_id, key, request_sha256, status, answer, created_at)
                SELECT 'org', n::text, '', 201, '{}', now() - CASE n WHEN 1 THEN interval '23 h' ELSE interval '25 h' END
                FROM generate_series(1, 2001) AS n
                """)
            try await stack.dispatchers[0].sweep.forgetOldKeys()
            #expect(try await stack.count("dispatch.idempotency_keys") == 1)
        }
    }

    @Test("keeps no key of a request that had no effect")
    func keyWithoutEffect() async throws {
        try await DispatcherFixture.run { stack in
            let missing = try await stack.request(
                "devices.commands.create", path: ["deviceId": "dev_none"], body: submission, key: "k")
            #expect(missing.status == 404)
            #expect(try await stack.count("dispatch.idempotency_keys") == 0)
        }
    }

    @Test("accepts one Z report at a time, until its outcome is known")
    func zReports() async throws {
        try await DispatcherFixture.run(replicas: 2) { stack in
            func order() async throws -> (status: Int, body: JSON, headers: [String: String]) {
                try await stack.request(
                    "devices.commands.create", path: ["deviceId": "dev_1"], body: ["type": "z_report"])
            }
            let answers = (1...20).map { _ in Task { @Loop in try await order() } }
            var statuses: [Int] = []
            for answer in answers { statuses.append(try await answer.value.status) }
            #expect(statuses.sorted() == [201] + Array(repeating: 409, count: 19))
            stack.gateway.behaviour = { _ in .lose }
            try await stack.gateway.connect("dev_1")
            _ = await eventually { stack.gateway.delivered.isEmpty ? nil : true }
            let id = try #require(stack.gateway.delivered.first?.commandId)
            try await stack.gateway.disconnect("dev_1")
            try await stack.age(id)
            try await stack.sweep()
            #expect(try await stack.command(id)["status"] == "timeout")
            #expect(try await order().status == 409)
            #expect(try await stack.gateway.report(.ok(data: ["zNumber": 7]), to: id, from: "dev_1") == .committed)
            #expect(try await stack.count("dispatch.last_z_report WHERE device_id = 'dev_1'") == 1)
            #expect(try await stack.count("dispatch.reports WHERE type = 'z_report'") == 1)
            #expect(try await order().status == 201)
        }
    }

    @Test("lists commands newest first, page by page, and filtered")
    func list() async throws {
        try await DispatcherFixture.run { stack in
            var ids: [String] = []
            for number in 1...5 { ids.append(try await stack.order(of: DeviceID("dev_\(number % 2 + 1)")).rawValue) }
            var found: [String] = []
            var cursor: String?
            repeat {
                var query = ["limit": "2"]
                query["cursor"] = cursor
                let page = try await stack.request("commands.list", query: query).body
                found += page["commands"]?.array?.compactMap { $0["id"]?.string } ?? []
                cursor = page["nextCursor"]?.string
            } while cursor != nil
            #expect(found == ids.reversed())
            let filtered = try await stack.request(
                "commands.list", query: ["deviceId": "dev_1", "status": "pending", "type": "print_receipt"])
            #expect(filtered.body["commands"]?.array?.count == 2)
            #expect(try await stack.request("commands.list", query: ["cursor": "made up"]).status == 400)
            #expect(try await stack.request("commands.list", query: ["limit": "101"]).status == 400)
            #expect(try await stack.request("commands.list", orgId: "other").body["commands"] == [])
            let foreign = try await stack.request("commands.get", path: ["commandId": ids[0]], orgId: "other")
            #expect(foreign.status == 404)
        }
    }

    @Test("lists the receipts of a device, and knows no device of others")
    func receipts() async throws {
        try await DispatcherFixture.run { stack in
            try await stack.gateway.connect("dev_1")
            for _ in 1...3 {
                let id = try await stack.order(of: "dev_1")
                _ = try #require(try await stack.command(id, when: "completed"))
            }
            func list(_ device: String, _ query: [String: String] = [:]) async throws -> (Int, [JSON]) {
                let answer = try await stack.request("devices.receipts", path: ["deviceId": device], query: query)
                return (answer.status, answer.body["receipts"]?.array ?? [])
            }
            let created = try await list("dev_1").1.compactMap { $0["createdAt"]?.string }
            #expect(created.count == 3 && created == created.sorted(by: >))
            #expect(try await list("dev_1", ["limit": "2", "type": "sale"]).1.count == 2)
            #expect(try await list("dev_1", ["type": "storno"]).1.isEmpty)
            #expect(try await list("dev_2") == (200, []))
            #expect(try await list("dev_1", ["limit": "0"]).0 == 400)
            #expect(try await list("dev_none", ["limit": "0"]).0 == 404)
            #expect(try await list("dev_foreign").0 == 404)
        }
    }

    @Test("lists commands that are too long for one answer on shorter pages")
    func longCommands() async throws {
        try await DispatcherFixture.run { stack in
            let long: JSON = ["data": .string(String(repeating: "0", count: 200_000))]
            var ids: Set<String> = []
            for _ in 1...10 { ids.insert(try await stack.order("raw_command", long, of: "dev_1").rawValue) }
            var found: [String] = []
            var query: [String: String] = [:]
            repeat {
                let page = try await stack.request("commands.list", query: query)
                #expect(page.status == 200)
                found += page.body["commands"]?.array?.compactMap { $0["id"]?.string } ?? []
                query["cursor"] = page.body["nextCursor"]?.string
            } while query["cursor"] != nil
            #expect(found.count == 10 && Set(found) == ids)
        }
    }
}
