import EventLoop
import TestSupport
import Testing

extension SystemTests {
    @Suite("A secret that is rotated", .serialized) @Loop struct Rotation {
        private static let secrets = ["EBON_JWT_SECRET", "EBON_CALLER_SECRET", "EBON_LINK_SECRET"]
        private static let services = [
            "org-locations", "gateway", "command-dispatcher", "alerts-engine", "billing-webhooks",
            "notification-mailer",
        ]

        @Test("in the three steps of the handbook is believed by everybody, whoever has been replaced and who has not")
        func steps() async throws {
            try await Stack.run(Stack.Options(device: true)) { stack in
                let old = try Self.secrets.map { try stack.secret($0) }
                let new = old.map { "new-\($0)" }
                let earlier = try await Cloud.portal(stack)
                let earlierLink = try await mailedLink(stack, to: "before")
                let edgeFirst = ["edge-router"] + Self.services
                try await replace(edgeFirst, with: zip(old, new).map { "\($0),\($1)" }, "one", stack, earlier)
                try await replace(edgeFirst, with: zip(new, old).map { "\($0),\($1)" }, "two", stack, earlier)
                #expect(try await isGood(earlierLink, stack))
                let later = try await Cloud.portal(stack)
                try await replace(Self.services + ["edge-router"], with: new, "three", stack, later)
                #expect(try await earlier.get("/api/v1/me").status == 401)
                try await Invariants.check(stack)
            }
        }

        private func replace(
            _ services: [String], with values: [String], _ step: String, _ stack: Stack, _ portal: Cloud
        ) async throws {
            for (name, value) in zip(Self.secrets, values) { try stack.setSecret(name, value) }
            for service in services {
                try await stack.restart(service)
                try await expectBelieved(stack, portal, after: service)
            }
            #expect(try await isGood(mailedLink(stack, to: "after_\(step)"), stack))
        }

        /// Each service is asked something by a caller.
        private func expectBelieved(_ stack: Stack, _ portal: Cloud, after service: String) async throws {
            let cloud = try Cloud(stack)
            for path in ["/api/v1/devices", "/api/v1/devices/alerts"] {
                #expect(try await cloud.get(path).status == 200, "\(path) after \(service)")
            }
            #expect(try await portal.get("/api/v1/billing/subscription").status == 200, "after \(service)")
            let order = try await cloud.post("/api/v1/devices/\(stack.variables.device)/commands", Sale.printReceipt)
            #expect(order.status == 201, "after \(service)")
            let listener = EventListener(stack)
            try await listener.open()
            listener.close()
        }

        /// A link with which the owner of a new organization can choose a password.
        private func mailedLink(_ stack: Stack, to organization: String) async throws -> String {
            let owner = try await stack.makeOrganization(organization)
            let nobody = try Cloud(stack, credential: [:])
            _ = try await nobody.post("/api/v1/auth/forgot-password", ["email": .string(owner.email)])
            return try #require(await Mailbox(stack).linkToken(to: owner.email))
        }

        private func isGood(_ token: String, _ stack: Stack) async throws -> Bool {
            let reset = try await Cloud(stack, credential: [:]).post(
                "/api/v1/auth/reset-password", ["token": .string(token), "password": "altă parolă lungă"])
            return reset.status == 204
        }
    }
}
