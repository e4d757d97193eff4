import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A member", .serialized) @Loop struct Members {
        @Test("is invited by mail, may what the role of now permits, and is out at once when removed")
        func life() async throws {
            let system = try await EverydayStack.shared()
            let organization = try await system.stack.makeOrganization("bistro_echo")
            let owner = try await Cloud.portal(system.stack, of: organization)
            let till = try Cloud(system.stack, apiKey: organization.apiKey)
            let email = "ana@bistro-echo.example"
            let invited = try await owner.post("/api/v1/org/members", ["email": .string(email), "role": "operator"])
            #expect(invited.status == 201)
            #expect(try await owner.get("/api/v1/org/members").json[0] == invited.json)

            let nobody = try Cloud(system.stack, credential: [:])
            let token = await Mailbox(system.stack).linkToken(to: email) ?? ""
            let acceptance: JSON = ["token": .string(token), "password": "a long password", "displayName": "Ana"]
            let accepted = try await nobody.post("/api/v1/auth/accept-invitation", acceptance)
            #expect(accepted.status == 201)
            #expect(try await nobody.post("/api/v1/auth/accept-invitation", acceptance).status == 400)
            let credential: HTTPHeaders = ["Authorization": "Bearer \(accepted.json["accessToken"]?.string ?? "")"]
            let ana = try Cloud(system.stack, credential: credential)
            let member = "/api/v1/org/members/\(accepted.json["userId"]?.string ?? "")"

            #expect(try await ana.get("/api/v1/org").status == 200)
            #expect(try await ana.patch("/api/v1/org", ["name": "Ana's"]).status == 403)
            #expect(try await ana.get("/api/v1/org/audit").status == 403)
            #expect(try await owner.patch(member, ["role": "admin"]).status == 200)
            let promoted: Bool? = try await eventually(within: .seconds(5)) {
                try await ana.patch("/api/v1/org", ["name": "Ana's"]).status == 200 ? true : nil
            }
            #expect(promoted == true)

            let devices = try await till.get("/api/v1/devices").json
            let device = try #require(devices[0]?["id"]?.string)
            let socket = try await DeviceSocket(system, device: device, credential: credential)
            #expect(await socket.next("welcome") != nil)
            #expect(try await owner.send(.delete, member).status == 204)
            #expect(await socket.closeCode(within: .seconds(5)) == 4401)
            #expect(try await ana.get("/api/v1/me").status == 401)
            let refreshed = try await nobody.post(
                "/api/v1/auth/refresh", ["refreshToken": accepted.json["refreshToken"] ?? .null])
            #expect(refreshed.status == 401)
            let actions = try await owner.get("/api/v1/org/audit?limit=5").json["entries"]?.array ?? []
            #expect(
                actions.map { $0["action"]?.string } == [
                    "member.remove", "organization.update", "member.update", "member.join", "member.invite",
                ])
        }
    }
}
