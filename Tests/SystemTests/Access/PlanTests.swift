import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("A full plan", .serialized) @Loop struct Plans {
        @Test("takes no further device, and says so before it looks at the body")
        func devices() async throws {
            let system = try await EverydayStack.shared()
            let free = try await system.stack.makeOrganization("access_free", plan: "free")
            let cloud = try Cloud(system.stack, apiKey: free.apiKey)
            let device = """
                {"name":"Tejghea","protocol":"tremol","transport":"tcp","locationId":"loc_access_free_main",
                "connectionParams":{"host":"192.168.1.1","port":9100}}
                """
            for body in [device, "", "{", "{}", #"{"locationId":"loc_main"}"#] {
                for type in ["application/json", "text/plain"] {
                    let answer = try await cloud.send(
                        .post, "/api/v1/devices", headers: ["Content-Type": type], body: Array(body.utf8))
                    #expect(answer.status == 403 && answer.code == "FORBIDDEN", "\(body) as \(type): \(answer.json)")
                    #expect(
                        answer.message
                            == "Device limit reached. Your free plan allows a maximum of 2 devices (current: 2). Upgrade your plan to add more devices."
                    )
                }
            }
            #expect(try await cloud.get("/api/v1/devices").json.array?.count == 2)
        }

        @Test("makes no keys of one's own, and says so before it looks at the body")
        func keys() async throws {
            let system = try await EverydayStack.shared()
            let free = try await system.stack.makeOrganization("access_free", plan: "free")
            let portal = try await Cloud.portal(system.stack, of: free)
            for body in [#"{"label":"Casa","scopes":["all"]}"#, "", "{"] {
                for type in ["application/json", "text/plain"] {
                    let answer = try await portal.send(
                        .post, "/api/v1/org/api-keys", headers: ["Content-Type": type], body: Array(body.utf8))
                    #expect(answer.status == 403 && answer.code == "FORBIDDEN", "\(body) as \(type): \(answer.json)")
                }
            }
        }
    }
}
