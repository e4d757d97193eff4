import JSON

/// The wire name of a command, such as `print_receipt`; open, because old rows outlive their definitions.
package struct CommandType: RawRepresentable, Hashable, Sendable, Codable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The name as it stands on the wire and in the database.
    package let rawValue: String

    /// The type of that name, known or not.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// The type of that name.
    package init(stringLiteral value: String) { rawValue = value }

    /// The name.
    package var description: String { rawValue }
}

/// How far a command got; the last four are final.
package enum CommandStatus: String, Codable, Sendable, CaseIterable {
    /// Not yet delivered.
    case pending
    /// Its delivery has begun.
    case sent
    /// The register did it.
    case completed
    /// The register did not do it.
    case failed
    /// No answer came in time.
    case timeout
    /// Withdrawn before its delivery began.
    case cancelled

    /// Whether nothing changes the status any more.
    package var isFinal: Bool { self != .pending && self != .sent }
}

/// What is known of a command's effect on the register.
package enum CommandOutcome: String, Codable, Sendable, CaseIterable {
    /// Its delivery began and its answer is missing.
    case unknown
    /// It was done.
    case executed
    /// It was not done and will not be.
    case notExecuted = "not_executed"
}
