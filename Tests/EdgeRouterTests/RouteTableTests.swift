import Endpoints
import HTTP
import Models
import Testing

@testable import EdgeRouter

@Suite("The route table") struct RouteTableTests {
    private static func table(_ routes: [(String, Route.Method, String)]) throws -> RouteTable<String> {
        try RouteTable(
            routes.map { name, method, path in
                let endpoint = Endpoint<NoInput, NoOutput>(
                    name, .gateway, method, PathTemplate(path), summary: "", access: .open, success: .noContent)
                return (endpoint.route, name)
            })
    }

    private static let routes: [(String, Route.Method, String)] = [
        ("list", .get, "/api/v1/devices"), ("create", .post, "/api/v1/devices"),
        ("alerts", .get, "/api/v1/devices/alerts"), ("device", .get, "/api/v1/devices/{deviceId}"),
        ("change", .patch, "/api/v1/devices/{deviceId}"), ("ofDevice", .get, "/api/v1/devices/{deviceId}/alerts"),
        ("odd", .get, "/api/v1/devices/alerts/{name}"),
    ]

    @Test(
        "finds the route, literal segments first",
        arguments: [
            ("GET", "/api/v1/devices", "list"), ("HEAD", "/api/v1/devices", "list"),
            ("POST", "/api/v1/devices", "create"),
            ("GET", "/api/v1/devices/alerts", "alerts"), ("GET", "/api/v1/devices/dev_1", "device dev_1"),
            ("PATCH", "/api/v1/devices/dev_1", "change dev_1"), ("GET", "/api/v1/devices/alerts/alerts", "odd alerts"),
            ("GET", "/api/v1/devices/dev_1/alerts", "ofDevice dev_1"), ("GET", "/api/v1/devices/a%2Fb", "device a/b"),
            ("GET", "/api/v1/devices/%C8%99", "device ș"), ("GET", "/api/v1/%64evices", "list"),
            ("GET", "/api/v1/devices/a+b", "device a+b"), ("DELETE", "/api/v1/devices", "405 GET POST HEAD"),
            ("POST", "/api/v1/devices/alerts", "405 GET HEAD"), ("BREW", "/api/v1/devices/x", "405 GET PATCH HEAD"),
            ("GET", "/api/v1/devices/", "404"), ("GET", "/api/v1//devices", "404"), ("GET", "//api/v1/devices", "404"),
            ("GET", "/", "404"), ("GET", "/api/v1", "404"), ("GET", "/api/v1/devices/a/b/c", "404"),
            ("GET", "*", "404"),
            ("GET", "/API/v1/devices", "404"), ("GET", "/api/v1/devices/a%00b", "404"),
            ("GET", "/api/v1%2Fdevices", "404"),
        ])
    func matches(method: String, path: String, expected: String) throws {
        let found =
            switch try Self.table(Self.routes).match(HTTPMethod(rawValue: method), path) {
            case .route(let name, let parameters): ([name] + parameters.values).joined(separator: " ")
            case .otherMethods(let methods): "405 " + methods.joined(separator: " ")
            case .nothing: "404"
            }
        #expect(found == expected)
    }

    @Test("refuses two routes that claim the same requests")
    func conflict() {
        #expect(throws: RouteConflict(first: "a", second: "b")) {
            try Self.table([("a", .get, "/x/{one}"), ("b", .get, "/x/{other}")])
        }
    }

    @Test("holds every route of every service")
    func allRoutesFit() throws {
        let table = try RouteTable(allRoutes.map { ($0, $0.name) })
        for route in allRoutes {
            let path = route.path.segments.map { segment in
                switch segment {
                case .literal(let text): "/\(text)"
                case .parameter: "/some-value"
                }
            }.joined()
            guard case .route(let name, _) = table.match(HTTPMethod(rawValue: route.method.rawValue), path) else {
                Issue.record("\(route.name) is not found")
                continue
            }
            #expect(name == route.name)
        }
        #expect(Set(allRoutes.map(\.name)).count == allRoutes.count)
    }
}
