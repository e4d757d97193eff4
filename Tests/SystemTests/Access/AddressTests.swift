import BillingWebhooksRoutes
import Endpoints
import EventLoop
import HTTP
import JSON
import TestSupport
import Testing

extension SystemTests {
    @Suite("An address", .serialized) @Loop struct Addresses {
        nonisolated static let paths = Dictionary(grouping: DeclaredRoute.all) { $0.target() }

        @Test(
            "answers the methods that are declared for it, and names them to the others", arguments: paths.keys.sorted()
        )
        func methods(_ path: String) async throws {
            let access = try await AccessOrganizations.shared()
            var declared = Set((Self.paths[path] ?? []).map(\.method.rawValue))
            if declared.contains("GET") { declared.insert("HEAD") }
            let others = Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
                .subtracting(declared).sorted()
            let answers = try await allAtOnce(others.count) { index in
                try await access.send(HTTPMethod(rawValue: others[index]), path)
            }
            for (answer, method) in zip(answers, others) {
                #expect(answer.status == 405, "\(method)")
                #expect(answer.headers["Allow"] == declared.sorted().joined(separator: ", "), "\(method)")
                #expect(method == "HEAD" || answer.shortcomings() == [], "\(method): \(answer.json)")
            }
        }

        @Test("that no route has is not found, with a credential or without", arguments: paths.keys.sorted())
        func unknown(_ path: String) async throws {
            let access = try await AccessOrganizations.shared()
            for path in [path + "/", path + "/none/none/none/none", "/api/v2" + path] {
                for credential in [[:], access.user(.owner), ["x-api-key": "key"]] as [HTTPHeaders] {
                    let answer = try await access.send(.get, path, as: credential)
                    #expect(
                        answer.status == 404 && answer.shortcomings() == [], "\(path): \(answer.status) \(answer.json)")
                }
            }
        }

        @Test("of something that cannot exist is refused, and breaks nothing", arguments: DeclaredRoute.ofOneThing)
        func impossible(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let answers = try await allAtOnce(Self.impossible.count) { index in
                try await access.ask(declared, parameter: Self.impossible[index], as: access.user(.owner))
            }
            for (answer, parameter) in zip(answers, Self.impossible) {
                #expect(
                    [400, 404, 414].contains(answer.status), "\(parameter.prefix(20)): \(answer.status) \(answer.json)")
                #expect(answer.code != "VALIDATION_ERROR" || answer.status == 400)
            }
        }

        nonisolated static let impossible = [
            "x", "-1", "null", "%20", ".", "..", "%2e%2e%2f", "a%2Fb", "%00", "dev_%00", "%ff", "%c3%28", "%ed%a0%80",
            "%",
            "%4", "%zz", "%F0%9F%98%80", "'%20OR%201=1--", "%22", "%5C", "*", "a;b=c",
            String(repeating: "a", count: 300),
            String(repeating: "%41", count: 2500), String(repeating: "a", count: 9000),
        ]

        @Test(
            "with a query that cannot be meant is refused or answered, and breaks nothing",
            arguments: DeclaredRoute.guarded.filter { $0.method == .get && $0.route.success.status == 200 })
        func queries(_ declared: DeclaredRoute) async throws {
            let access = try await AccessOrganizations.shared()
            let withoutStripe = APIError.stripeNotConfigured.message
            let names = declared.route.query.map(\.name) + ["none"]
            for name in names {
                let answers = try await allAtOnce(Self.impossible.count) { index in
                    try await access.send(
                        .get, "\(declared.target())?\(name)=\(Self.impossible[index])", as: access.user(.owner))
                }
                for (answer, value) in zip(answers, Self.impossible) {
                    #expect(
                        answer.status < 500 || answer.message == withoutStripe,
                        "\(name)=\(value.prefix(20)): \(answer.status) \(answer.json)")
                    #expect(name == "none" || answer.status != 200 || declared.takesAnyText(name), "\(name)=\(value)")
                }
            }
        }
    }
}

extension DeclaredRoute {
    /// Ids are not looked at before they are looked for.
    func takesAnyText(_ name: String) -> Bool { name.hasSuffix("Id") }
}

extension AccessOrganizations {
    func send(_ method: HTTPMethod, _ path: String, as credential: HTTPHeaders = [:]) async throws -> Cloud.Answer {
        var headers = credential
        headers["X-Request-Id"] = Self.requestId
        return try await cloud.send(method, path, headers: headers)
    }
}
