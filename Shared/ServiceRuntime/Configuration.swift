import FoundationEssentials

/// Everything a process is told by its environment, read once at its start.
package protocol Configuration: Sendable {
    /// Reads every variable. It cannot fail half-way: the reader notes what is wrong and hands out placeholders, and
    /// the process ends before anybody sees them.
    init(from environment: inout EnvironmentReader)
}

/// All that is wrong with an environment, in the order of reading.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// One unusable variable.
    package struct Problem: Equatable, Sendable {
        /// The variable's name.
        package let name: String
        /// What is wrong with it; never contains the value.
        package let text: String
    }

    /// At least one problem.
    package let problems: [Problem]

    /// One sentence that names every variable.
    package var description: String { problems.map { "\($0.name) \($0.text)" }.joined(separator: "; ") }
}

extension Configuration {
    /// The configuration that this process's environment describes, for programs that run once and end.
    /// - Throws: ``ConfigurationError`` with all problems at once.
    package static func read() throws(ConfigurationError) -> Self { try read(ProcessInfo.processInfo.environment) }

    /// The configuration that `environment` describes.
    /// - Throws: ``ConfigurationError`` with all problems at once.
    package static func read(_ environment: [String: String]) throws(ConfigurationError) -> Self {
        var reader = EnvironmentReader(environment)
        let configuration = Self(from: &reader)
        try reader.finish()
        return configuration
    }
}
