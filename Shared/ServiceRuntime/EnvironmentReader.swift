/// Reads variables into typed values and collects every problem on the way, so that all are reported at once.
///
/// A variable that is set to the empty string counts as not set, which is how compose files pass unset ones on.
package struct EnvironmentReader: Sendable {
    private let variables: [String: String]
    private var problems: [ConfigurationError.Problem] = []

    /// Reads from a copy of an environment.
    package init(_ variables: [String: String]) { self.variables = variables }

    /// Reports what has been noted so far.
    /// - Throws: ``ConfigurationError`` if anything has.
    package func finish() throws(ConfigurationError) {
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    /// Notes a problem that only the configuration can see (two variables that contradict each other).
    package mutating func reject(_ name: String, _ text: String) { problems.append(.init(name: name, text: text)) }

    /// The value that `parse` makes of the variable, or nil if it is not set; `form` completes "must be …".
    package mutating func optional<Value>(_ name: String, as form: String, _ parse: (String) -> Value?) -> Value? {
        guard let text = variables[name], !text.isEmpty else { return nil }
        guard let value = parse(text) else {
            reject(name, "must be \(form)")
            return nil
        }
        return value
    }

    /// The value that `parse` makes of the variable, or `standard` if it is not set.
    package mutating func value<Value>(
        _ name: String, default standard: Value, as form: String, _ parse: (String) -> Value?
    ) -> Value {
        optional(name, as: form, parse) ?? standard
    }

    /// The value that `parse` makes of the variable, which must be set; `placeholder` is never used.
    package mutating func required<Value>(
        _ name: String, placeholder: Value, as form: String, _ parse: (String) -> Value?
    ) -> Value {
        if variables[name, default: ""].isEmpty { reject(name, "is missing") }
        return optional(name, as: form, parse) ?? placeholder
    }
}
