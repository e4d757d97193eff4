/// A path with named parameters, such as `/api/v1/devices/{deviceId}`.
package struct PathTemplate: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// One part between slashes.
    package enum Segment: Sendable, Hashable {
        /// Text that must be there as it is.
        case literal(String)
        /// Any text that is not empty, under this name.
        case parameter(String)
    }

    /// The parts in order.
    package let segments: [Segment]

    /// The template with this text; `{name}` as a whole part is a parameter.
    package init(_ text: String) {
        segments = text.split(separator: "/").map { part in
            part.hasPrefix("{") && part.hasSuffix("}")
                ? .parameter(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// The template with this text.
    package init(stringLiteral value: String) { self.init(value) }

    /// The template's text.
    package var description: String {
        segments.reduce(into: "") { text, segment in
            switch segment {
            case .literal(let part): text += "/\(part)"
            case .parameter(let name): text += "/{\(name)}"
            }
        }
    }

    /// The names of the parameters in order.
    package var parameters: [String] {
        segments.compactMap { if case .parameter(let name) = $0 { name } else { nil } }
    }
}
