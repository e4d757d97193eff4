import Endpoints
import HTTP

/// Finds the route of a request: a tree of path segments, where a literal segment goes before a parameter.
struct RouteTable<Destination> {
    enum Match {
        case route(Destination, parameters: [String: String])
        /// The path exists, the method does not.
        case otherMethods([String])
        case nothing
    }

    private var root = Node()
    /// The nodes of the paths without parameters, which need not be taken apart.
    private var literalPaths: [String: Node] = [:]

    /// - Throws: ``RouteConflict`` when two routes answer the same method and path.
    init(_ destinations: [(route: Route, destination: Destination)]) throws(RouteConflict) {
        for (route, destination) in destinations {
            try root.insert(route, destination, segments: route.path.segments[...])
        }
        for route in destinations.map(\.route) where route.path.parameters.isEmpty {
            let path = route.path.description
            literalPaths[path] = find(path)?.node
        }
    }

    func match(_ method: HTTPMethod, _ path: String) -> Match {
        guard let (node, segments) = find(path) else { return .nothing }
        // HEAD is answered like GET; the server leaves the body out.
        guard let entry = node.entries.first(where: { $0.method == (method == .head ? .get : method) }) else {
            let methods = node.entries.map(\.method.rawValue)
            return .otherMethods(methods.contains("GET") ? methods + ["HEAD"] : methods)
        }
        var parameters: [String: String] = [:]
        for (segment, value) in zip(entry.template, segments) {
            if case .parameter(let name) = segment { parameters[name] = value }
        }
        return .route(entry.destination, parameters: parameters)
    }

    private func find(_ path: String) -> (node: Node, segments: [String])? {
        if let node = literalPaths[path] { return (node, []) }
        guard let segments = pathSegments(path), let node = root.find(segments[...]) else { return nil }
        return (node, segments)
    }

    private struct Entry {
        let method: HTTPMethod
        let template: [PathTemplate.Segment]
        let name: String
        let destination: Destination
    }

    private struct Node {
        var literals: [String: Node] = [:]
        /// At most one; an array because a struct cannot contain itself.
        var parameter: [Node] = []
        var entries: [Entry] = []

        mutating func insert(
            _ route: Route, _ destination: Destination, segments: ArraySlice<PathTemplate.Segment>
        ) throws(RouteConflict) {
            switch segments.first {
            case .literal(let text):
                try literals[text, default: Node()].insert(route, destination, segments: segments.dropFirst())
            case .parameter:
                if parameter.isEmpty { parameter = [Node()] }
                try parameter[0].insert(route, destination, segments: segments.dropFirst())
            case nil:
                let method = HTTPMethod(rawValue: route.method.rawValue)
                if let other = entries.first(where: { $0.method == method }) {
                    throw RouteConflict(first: other.name, second: route.name)
                }
                let entry = Entry(
                    method: method, template: route.path.segments, name: route.name, destination: destination)
                entries.append(entry)
            }
        }

        func find(_ segments: ArraySlice<String>) -> Node? {
            guard let segment = segments.first else { return entries.isEmpty ? nil : self }
            if let found = literals[segment]?.find(segments.dropFirst()) { return found }
            return parameter.first?.find(segments.dropFirst())
        }
    }
}

/// Two routes that claim the same requests.
struct RouteConflict: Error, Equatable, CustomStringConvertible {
    let first: String
    let second: String

    var description: String { "the routes \(first) and \(second) claim the same requests" }
}

/// The decoded segments of a path; nil for one that no route can have: with an empty segment (a slash at the end, two in
/// a row) or a NUL, which neither the bus nor the database takes.
private func pathSegments(_ path: String) -> [String]? {
    let bytes = path.utf8
    guard bytes.first == UInt8(ascii: "/") else { return nil }
    var segments: [String] = []
    for part in bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
        guard !part.isEmpty else { return nil }
        let segment = part.contains(UInt8(ascii: "%")) ? PercentCoding.decode(part) : String(Substring(part))
        guard !segment.utf8.contains(0) else { return nil }
        segments.append(segment)
    }
    return segments
}
