import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("Credentials", .serialized) @Loop struct Credentials {
        private static let password = "parolă destul de lungă"

        private static func bearer(_ tokens: Cloud.Answer) -> HTTPHeaders {
            ["Authorization": "Bearer \(tokens.json["accessToken"]?.string ?? "")"]
        }

        /// Whether every one of them is answered so within the five seconds that a change may take.
        private func all(_ clouds: [Cloud], answer status: Int, on path: String = "/api/v1/me") async throws -> Bool {
            let seen: Bool? = try await eventually(within: .seconds(5)) {
                for cloud in clouds where try await cloud.get(path).status != status { return nil }
                return true
            }
            return seen == true
        }

        @Test("begin with a registration; a forgotten password is replaced by mail, and every session ends")
        func registration() async throws {
            let system = try await EverydayStack.shared()
            let nobody = try Cloud(system.stack, credential: [:])
            let email = "ion@foxtrot.example"
            let account: JSON = [
                "email": .string(email), "password": .string(Self.password), "companyName": "Foxtrot & Fiii SRL",
                "cui": "RO12345678", "address": "Str. Horea 1, Cluj-Napoca",
            ]
            let registered = try await nobody.post("/api/v1/auth/register", account)
            #expect(registered.status == 201)
            #expect(registered.json["orgId"]?.string == "foxtrot_fiii")
            #expect(try await nobody.post("/api/v1/auth/register", account).status == 409)
            let owner = try Cloud(system.stack, credential: Self.bearer(registered))
            #expect(try await owner.get("/api/v1/org/locations").json.array?.count == 1)
            let key = try await owner.post("/api/v1/org/api-keys", ["label": "Casa", "scopes": ["all"]])
            #expect(key.status == 403)

            for address in [email, "nobody@foxtrot.example"] {
                let asked = try await nobody.post("/api/v1/auth/forgot-password", ["email": .string(address)])
                #expect(asked.status == 202)
            }
            let token = try #require(await Mailbox(system.stack).linkToken(to: email))
            let reset: JSON = ["token": .string(token), "password": "altă parolă lungă"]
            #expect(try await nobody.post("/api/v1/auth/reset-password", reset).status == 204)
            #expect(try await nobody.post("/api/v1/auth/reset-password", reset).status == 400)
            #expect(try await all([owner], answer: 401))
            func login(_ password: String) async throws -> Int {
                try await nobody.post(
                    "/api/v1/auth/login", ["email": .string(email), "password": .string(password)]
                ).status
            }
            let old = try await login(Self.password)
            let new = try await login("altă parolă lungă")
            #expect(old == 401 && new == 200)
            #expect(!Mailbox(system.stack).messages.contains { $0.contains("To: nobody@foxtrot.example") })
            for service in ["org-locations", "notification-mailer", "edge-router"] {
                #expect(!system.stack.log(service).contains(token.suffix(43)), "\(service)")
            }
        }

        @Test("change on every edge, and on open sockets, within five seconds")
        func twoEdges() async throws {
            var options = Stack.Options()
            options.scale = ["edge-router": 2]
            try await Stack.run(options) { stack in
                let port = try #require(stack.port(of: "edge-router-2", "port"))
                let edges = [stack.variables.url, "http://127.0.0.1:\(port)"]
                let owner = try await Cloud.portal(stack)

                let created = try await owner.post("/api/v1/org/api-keys", ["label": "Casa", "scopes": ["all"]])
                #expect(created.status == 201)
                let key: HTTPHeaders = ["x-api-key": created.json["key"]?.string ?? ""]
                let path = "/api/v1/org/api-keys/\(created.json["id"]?.string ?? "")"
                let tills = try edges.map { try Cloud(stack, at: $0, credential: key) }
                #expect(try await all(tills, answer: 200))
                let devices = try await tills[0].get("/api/v1/devices").json.array ?? []
                func openSockets() async throws -> [DeviceSocket] {
                    var sockets: [DeviceSocket] = []
                    for (edge, device) in zip(edges, devices) {
                        sockets.append(
                            try await DeviceSocket(
                                stack, at: edge, device: device["id"]?.string ?? "", credential: key))
                    }
                    for socket in sockets { #expect(await socket.next("welcome") != nil) }
                    return sockets
                }
                let first = try await openSockets()
                try #require(first.count == 2)
                #expect(try await owner.patch(path, ["active": false]).json["active"] == false)
                for socket in first { #expect(await socket.closeCode(within: .seconds(5)) == 4401) }
                #expect(try await all(tills, answer: 401))
                #expect(try await owner.patch(path, ["active": true]).status == 200)
                #expect(try await all(tills, answer: 200))
                let second = try await openSockets()
                let used: Bool? = try await eventually {
                    try await owner.get(path).json["lastUsedAt"]?.string == nil ? nil : true
                }
                #expect(used == true)
                #expect(try await owner.send(.delete, path).status == 204)
                for socket in second { #expect(await socket.closeCode(within: .seconds(5)) == 4401) }
                #expect(try await all(tills, answer: 401))
                #expect(try await owner.send(.delete, path).status == 404)

                let nobody = try Cloud(stack, credential: [:])
                _ = try await owner.post("/api/v1/org/members", ["email": "ana@acme.example", "role": "admin"])
                let token = try #require(await Mailbox(stack).linkToken(to: "ana@acme.example"))
                let joined = try await nobody.post(
                    "/api/v1/auth/accept-invitation",
                    ["token": .string(token), "password": .string(Self.password)])
                #expect(joined.status == 201)
                let ana = try edges.map { try Cloud(stack, at: $0, credential: Self.bearer(joined)) }
                #expect(try await all(ana, answer: 200, on: "/api/v1/org/api-keys"))
                let member = "/api/v1/org/members/\(joined.json["userId"]?.string ?? "")"
                #expect(try await owner.patch(member, ["role": "operator"]).status == 200)
                #expect(try await all(ana, answer: 403, on: "/api/v1/org/api-keys"))
                #expect(try await owner.send(.delete, member).status == 204)
                #expect(try await all(ana, answer: 401))
            }
        }
    }
}
