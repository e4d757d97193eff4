import EventLoop
import JSON
import Models
import OrgLocationsRoutes
import TestSupport
import Testing

@testable import OrgLocations

@Suite("Notification subscribers") @Loop struct NotificationTests {
    private func replace(
        _ org: OrgFixture, _ body: JSON, of organization: OrgID = "acme"
    ) async throws -> ServiceFixture.Answer {
        try await org.service.call(
            OrgLocationsRoutes.replaceNotifications.route, as: org.owner(of: organization), body: body)
    }

    private func shown(_ org: OrgFixture, of organization: OrgID = "acme") async throws -> JSON {
        try await org.service.call(OrgLocationsRoutes.notifications.route, as: org.owner(of: organization)).json
    }

    @Test("are replaced as a whole and shown in the order in which they were given")
    func replacement() async throws {
        try await OrgFixture.run { org, _ in
            #expect(try await shown(org) == ["subscribers": []])
            let list: JSON = [
                "subscribers": [
                    ["email": "owner@acme.example", "categories": ["reports", "billing"]],
                    ["email": "Alerts@acme.example", "categories": ["device_events", "alerts", "analytics"]],
                    ["email": "a@acme.example", "categories": ["billing"]],
                ]
            ]
            let replaced = try await replace(org, list)
            #expect(replaced.status == 200)
            #expect(replaced.json == list)
            #expect(try await shown(org) == list)
            let recipients = try await org.database.query("SELECT FROM org.notification_recipients")
            #expect(recipients.count == 6)
            let turned: JSON = ["subscribers": .array((list["subscribers"]?.array ?? []).reversed())]
            #expect(try await replace(org, turned).json == turned)
            #expect(try await shown(org) == turned)
            #expect(try await shown(org, of: "rival") == ["subscribers": []])
            #expect(try await replace(org, ["subscribers": []]).json == ["subscribers": []])
            #expect(try await shown(org) == ["subscribers": []])
            #expect(try await org.audited() == Array(repeating: "notifications.replace acme", count: 3))
        }
    }

    @Test("have each category once, however often it is named")
    func repeatedCategory() async throws {
        try await OrgFixture.run { org, _ in
            let repeated: JSON = [
                "subscribers": [["email": "a@acme.example", "categories": ["alerts", "billing", "alerts"]]]
            ]
            let once: JSON = ["subscribers": [["email": "a@acme.example", "categories": ["alerts", "billing"]]]]
            let replaced = try await replace(org, repeated)
            #expect(replaced.json == once)
            #expect(try await shown(org) == once)
        }
    }

    @Test("are one list at the end when two lists are written at once")
    func race() async throws {
        try await OrgFixture.run { org, _ in
            let lists: [JSON] = (0..<10).map { list in
                [
                    "subscribers": .array(
                        (0..<20).map { index in
                            [
                                "email": .string("\(index)@acme.example"),
                                "categories": [list < 5 ? "alerts" : "billing"],
                            ]
                        })
                ]
            }
            let statuses = try await allAtOnce(10) { try await replace(org, lists[$0]).status }
            #expect(statuses == Array(repeating: 200, count: 10))
            #expect(lists.contains(try await shown(org)))
        }
    }

    @Test("of an organization that does not exist are not found, whatever the body")
    func missing() async throws {
        try await OrgFixture.run { org, _ in
            let read = try await org.service.call(OrgLocationsRoutes.notifications.route, as: org.owner(of: "nobody"))
            #expect(read.status == 404)
            for body in [["subscribers": []], [:]] as [JSON] {
                #expect(try await replace(org, body, of: "nobody").status == 404)
            }
        }
    }

    @Test("say of every wrong field what is wrong with it")
    func validation() throws {
        func subscriber(_ email: JSON, _ categories: JSON = ["alerts"]) -> JSON {
            ["email": email, "categories": categories]
        }
        let most = (0..<20).map { subscriber(.string("\($0)@acme.example")) }
        let cases: [(JSON, [String])] = [
            ([:], ["body.subscribers"]),
            (["subscribers": .null], ["body.subscribers"]),
            (["subscribers": ["a@acme.example"]], ["body.subscribers[0]"]),
            (["subscribers": [[:]]], ["body.subscribers[0].email", "body.subscribers[0].categories"]),
            (["subscribers": .array(most)], []),
            (["subscribers": .array(most + [subscriber("more@acme.example")])], ["body.subscribers"]),
            (
                [
                    "subscribers": [
                        subscriber("nobody"), subscriber("a@b.example", []), subscriber("a@c.example", ["sms"]),
                    ]
                ],
                ["body.subscribers[0].email", "body.subscribers[1].categories", "body.subscribers[2].categories[0]"]
            ),
            (
                ["subscribers": [subscriber("a@b.example"), subscriber("c@b.example"), subscriber("A@B.example")]],
                ["body.subscribers[2].email"]
            ),
            (
                [
                    "subscribers": [
                        subscriber("x"), subscriber("x"), subscriber("a@b.example", []), subscriber("a@b.example"),
                    ]
                ],
                [
                    "body.subscribers[0].email", "body.subscribers[1].email", "body.subscribers[2].categories",
                    "body.subscribers[3].email",
                ]
            ),
        ]
        let schema = try #require(OrgLocationsRoutes.replaceNotifications.route.body)
        for (body, paths) in cases {
            #expect(schema.violations(of: body, at: "body").map(\.path) == paths, "\(body)")
        }
    }
}
