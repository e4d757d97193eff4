import Endpoints
import HTTP
import JSON
import Testing

@testable import EdgeRouter

/// A route as the services declare it, with the least that a request to it needs.
struct DeclaredRoute: Sendable, CustomTestStringConvertible {
    /// Every route there is: what is added to the product is walked over without a change here.
    static let all = allRoutes.enumerated().map { DeclaredRoute(position: $0, route: $1) }
    /// Those that want to know who calls.
    static let guarded = all.filter { $0.route.access != .open && $0.route.access != .signed }
    /// Those that speak of one thing of an organization.
    static let ofOneThing = guarded.filter { !$0.route.path.parameters.isEmpty }

    let position: Int
    let route: Route

    var testDescription: String { "\(route.method.rawValue) \(route.path)" }
    var method: HTTPMethod { HTTPMethod(rawValue: route.method.rawValue) }
    var isLive: Bool { route.deadline > .seconds(10) }
    /// What a route that takes a body gets: JSON that nearly no route can do anything with.
    var body: [UInt8]? { route.body == nil ? nil : Array("{}".utf8) }

    /// The path with the same text, which is in its final form already, for every parameter.
    func target(_ parameter: String = "none") -> String {
        route.path.segments.reduce(into: "") { target, segment in
            switch segment {
            case .literal(let text): target += "/\(text)"
            case .parameter: target += "/\(parameter)"
            }
        }
    }

    /// What such a request is answered when nothing is wrong with who sends it: 404 for what does not exist, 400 for the
    /// body or for the query that is missing, else success; 409 and 503 for what an organization does not have, such as
    /// a subscription.
    var answersToTheAdmitted: Set<Int> {
        if !route.path.parameters.isEmpty { return [404] }
        return route.success.status == 101 ? [400] : [400, 409, 503, route.success.status]
    }
}
