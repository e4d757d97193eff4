import Endpoints
import EventLoop
import HTTP
import Models
import TestSupport
import Testing

extension SystemTests {
    @Suite("Every declared route", .serialized) @Loop struct Callers {
        @Test("knows nobody without a good credential", arguments: DeclaredRoute.guarded)
        func strangers(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let answers = try await allAtOnce(access.refused.count) { index in
                try await access.ask(declared, as: access.refused[index].credential)
            }
            for (answer, refused) in zip(answers, access.refused) {
                #expect(answer.status == 401 && answer.code == "UNAUTHORIZED", "\(refused.name): \(answer.json)")
                #expect(answer.headers["WWW-Authenticate"] != nil)
                #expect(answer.shortcomings(of: declared) == [], "\(refused.name)")
            }
        }

        @Test("lets exactly those keys pass whose scope it asks for", arguments: DeclaredRoute.guarded)
        func scopes(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let answers = try await allAtOnce(Scope.allCases.count) { index in
                try await access.ask(declared, as: access.key(Scope.allCases[index]))
            }
            for (answer, scope) in zip(answers, Scope.allCases) {
                check(
                    answer, of: declared, isAdmitted: declared.route.access.admits(access.caller(scope)), scope.rawValue
                )
            }
        }

        @Test("lets exactly those users pass whose role it asks for", arguments: DeclaredRoute.guarded)
        func roles(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            try #require(declared.position < AccessOrganizations.sessionsOfEachRole)
            // The route that ends a session ends none that another route is asked with.
            let answers = try await allAtOnce(Role.allCases.count) { role in
                try await access.ask(declared, as: access.user(Role.allCases[role], session: 1 + declared.position))
            }
            for (answer, role) in zip(answers, Role.allCases) {
                check(
                    answer, of: declared, isAdmitted: declared.route.access.admits(access.caller(role)), role.rawValue)
            }
        }

        @Test(
            "that is open looks at no credential",
            arguments: DeclaredRoute.all.filter { $0.route.access == .open || $0.route.access == .signed })
        func open(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let answers = try await allAtOnce(access.refused.count) { index in
                try await access.ask(declared, as: access.refused[index].credential)
            }
            for (answer, refused) in zip(answers, access.refused) {
                #expect(declared.answersToTheAdmitted.contains(answer.status), "\(refused.name): \(answer.json)")
                #expect(answer.json == answers[0].json || answer.status == 200, "\(refused.name): \(answer.json)")
                #expect(answer.shortcomings(of: declared) == [])
            }
        }

        @Test(
            "opens a socket for exactly those keys that hold one of the scopes it takes",
            arguments: [
                ("deviceId=dev_access_home_01", [Scope.devicesWrite]),
                ("subscribe=events", [.devicesRead, .receiptsRead, .commands]),
            ])
        func sockets(_ query: String, _ wanted: [Scope]) async throws {
            let access = try await AccessOrganizations.shared()
            let answers = try await allAtOnce(Scope.allCases.count) { index in
                try await access.send(.get, "/ws?\(query)", as: access.key(Scope.allCases[index]))
            }
            for (answer, scope) in zip(answers, Scope.allCases) {
                // That it is no handshake is said only to those who might have opened one.
                let expected = wanted.contains(where: access.caller(scope).holds) ? 426 : 403
                #expect(answer.status == expected && answer.shortcomings() == [], "\(scope): \(answer.json)")
            }
        }

        private func check(_ answer: Cloud.Answer, of declared: DeclaredRoute, isAdmitted: Bool, _ who: String) {
            #expect(answer.shortcomings(of: declared) == [], "\(who)")
            if isAdmitted {
                #expect(
                    declared.answersToTheAdmitted.contains(answer.status), "\(who): \(answer.status) \(answer.json)")
            } else {
                #expect(answer.status == 403 && answer.code == "FORBIDDEN", "\(who): \(answer.status) \(answer.json)")
            }
        }
    }
}

extension AccessOrganizations {
    nonisolated static let requestId = "walk-1"

    func ask(
        _ declared: DeclaredRoute, parameter: String = "none", as credential: HTTPHeaders
    ) async throws -> Cloud.Answer {
        var headers = credential
        headers["X-Request-Id"] = Self.requestId
        return try await cloud.send(
            declared.method, declared.target(parameter), headers: headers, body: declared.body)
    }
}

extension Cloud.Answer {
    /// What is missing of what every answer has: the request's id, the limits' figures, the envelope of a refusal.
    func shortcomings(of declared: DeclaredRoute? = nil) -> [String] {
        var shortcomings: [String] = []
        if headers["X-Request-Id"] != AccessOrganizations.requestId { shortcomings.append("X-Request-Id") }
        let isUnlimited = declared.map { $0.route.path == "/health" || $0.route.access == .signed } ?? false
        for field in ["RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"]
        where (headers[field] == nil) != isUnlimited {
            shortcomings.append(field)
        }
        guard status >= 400 else { return shortcomings }
        if headers["Content-Type"] != "application/json" { shortcomings.append("Content-Type") }
        let codes = APIError.Code.allCases.filter { $0.status == status }.map(\.rawValue)
        if !codes.contains(code ?? "") { shortcomings.append("error.code") }
        if message?.isEmpty ?? true { shortcomings.append("error.message") }
        if code == "VALIDATION_ERROR", paths.isEmpty { shortcomings.append("error.details") }
        return shortcomings
    }
}
