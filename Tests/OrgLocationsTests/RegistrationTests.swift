import Crypto
import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("A registration") @Loop struct RegistrationTests {
    private nonisolated static func account(_ email: String) -> JSON {
        [
            "email": .string(email), "password": "parolă bună", "companyName": "Brutăria Țării SRL",
            "cui": "RO12345678", "address": "Str. Horea 1, Cluj-Napoca",
        ]
    }

    private func register(_ org: OrgFixture, _ body: JSON) async throws -> ServiceFixture.Answer {
        try await org.service.call(OrgLocationsRoutes.register.route, body: body)
    }

    @Test("makes the organization, its owner, first location and first subscriber, and a session")
    func everything() async throws {
        try await OrgFixture.run { org, _ in
            let answer = try await register(org, Self.account("ana@tarii.example"))
            #expect(answer.status == 201)
            #expect(
                answer.json.object?.members.map(\.name) == ["accessToken", "refreshToken", "userId", "orgId"])
            #expect(answer.json["orgId"] == "brutaria_tarii")
            let now = Timestamp.now().milliseconds / 1000
            let token = try OrgFixture.tokens.verify(answer.json["accessToken"]?.string ?? "", now: now)
            let owner = try #require(
                try await org.service.edge.call(ResolveCredential(sessionId: token.session), requestId: "r").caller)
            #expect(owner.userId?.rawValue == answer.json["userId"]?.string)
            #expect(owner.role == .owner)
            #expect(owner.plan == .free)
            let organization = try await org.service.call(OrgLocationsRoutes.organization.route, as: owner)
            #expect(organization.json["name"] == "Brutăria Țării SRL")
            #expect(organization.json["cui"] == "RO12345678")
            let locations = try await org.service.call(OrgLocationsRoutes.listLocations.route, as: owner)
            #expect(locations.json.array?.map { $0["address"] } == ["Str. Horea 1, Cluj-Napoca"])
            let subscribers = try await org.database.query(
                """
                SELECT email, cardinality(categories) AS categories FROM org.notification_subscribers
                WHERE org_id = 'brutaria_tarii'
                """)
            #expect(try subscribers.map { try $0.string("email") } == ["ana@tarii.example"])
            #expect(try subscribers.map { try $0.int("categories") } == [5])
            let audit = try await org.database.query("SELECT action, actor_id, subject_id FROM org.audit")
            #expect(try audit.map { try $0.string("action") } == ["organization.register"])
            #expect(try audit[0].string("actor_id") == answer.json["userId"]?.string)
            let login = try await org.service.call(
                OrgLocationsRoutes.login.route, body: ["email": "ANA@tarii.example", "password": "parolă bună"])
            #expect(login.status == 200)
            let refreshed = try await org.service.call(
                OrgLocationsRoutes.refresh.route, body: ["refreshToken": answer.json["refreshToken"] ?? .null])
            #expect(refreshed.status == 200)
        }
    }

    @Test("without an address, or with an empty one, makes no location", arguments: [nil, ""] as [JSON?])
    func withoutAddress(address: JSON?) async throws {
        try await OrgFixture.run { org, _ in
            var body = try #require(Self.account("ana@tarii.example").object)
            body["address"] = address
            #expect(try await register(org, .object(body)).status == 201)
            let locations = try await org.database.query(
                "SELECT FROM org.locations WHERE org_id = 'brutaria_tarii'")
            #expect(locations.isEmpty)
        }
    }

    @Test("names every wrong field, and lets the edges of each through")
    func validation() async throws {
        try await OrgFixture.run { org, _ in
            let empty = try await register(org, [:])
            #expect(empty.paths == ["body.email", "body.password", "body.companyName", "body.cui"])
            let wrong: JSON = [
                "email": "ana", "password": "1234567", "companyName": "", "cui": "RO1",
                "address": .string(String(repeating: "x", count: 501)),
            ]
            #expect(
                try await register(org, wrong).paths
                    == ["body.email", "body.password", "body.companyName", "body.cui", "body.address"])
            let schema = try #require(OrgLocationsRoutes.register.route.body)
            func paths(_ name: String, _ value: String) -> [String] {
                var body = Self.account("ana@tarii.example").object ?? [:]
                body[name] = .string(value)
                return schema.violations(of: .object(body), at: "body").map(\.path)
            }
            for cui in ["12", "RO12", "1234567890", "RO1234567890"] { #expect(paths("cui", cui) == [], "\(cui)") }
            for cui in ["1", "ro12", "RO", "12345678901", "RO 12", "12\n", "٣٣٣"] {
                #expect(paths("cui", cui) == ["body.cui"], "\(cui)")
            }
            for length in [8, 128] { #expect(paths("password", String(repeating: "ț", count: length)) == []) }
            #expect(paths("password", String(repeating: "x", count: 129)) == ["body.password"])
            #expect(paths("companyName", String(repeating: "x", count: 255)) == [])
            #expect(paths("companyName", String(repeating: "x", count: 256)) == ["body.companyName"])
        }
    }

    @Test("with a known address is refused in any spelling, and leaves nothing behind")
    func known() async throws {
        try await OrgFixture.run { org, _ in
            let answer = try await register(org, Self.account("Owner@ACME.example"))
            #expect(answer.code == "CONFLICT")
            #expect(try await org.database.query("SELECT FROM org.organizations").count == 2)
        }
    }

    @Test("of one address succeeds once, of one name every time under an id of its own, however many at once")
    func races() async throws {
        try await OrgFixture.run { org, _ in
            let same = try await allAtOnce(8) { _ in try await register(org, Self.account("ana@tarii.example")).status }
            #expect(same.count { $0 == 201 } == 1)
            #expect(same.count { $0 == 409 } == 7)
            let ids = try await allAtOnce(12) { number in
                try await register(org, Self.account("ana\(number)@tarii.example")).json["orgId"]?.string
            }
            #expect(!ids.contains(nil))
            #expect(Set(ids).count == 12)
            #expect(!ids.contains("brutaria_tarii"))
        }
    }
}
