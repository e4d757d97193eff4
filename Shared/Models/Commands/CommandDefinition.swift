import JSON

/// Everything that the system knows about one kind of command; there is no other place that tells kinds apart.
package struct CommandDefinition: Sendable {
    /// What a completed command leaves behind besides its result.
    package enum Output: Sendable, Hashable {
        /// A receipt in the journal.
        case receipt(ReceiptType)
        /// A stored report; one that closes the day counts as the day's Z report.
        case report(ReportType, closesDay: Bool)
    }

    /// The wire name.
    package let type: CommandType
    /// What it does, in one line without a full stop; the summary of its live route too.
    package let summary: String
    /// What the payload must look like.
    package let payload: Schema
    /// The scopes that submitting it through the queue takes besides `commands`.
    package let additionalScopes: [Scope]
    /// How long after its creation it may still be executed.
    package let timeLimit: Duration
    /// Whether a second one is refused while one is pending, sent or unknown.
    package let isExclusive: Bool
    /// What the `data` of a completed one looks like; a live route answers 500 when the register's does not fit.
    package let result: Schema
    /// What a completed one leaves behind.
    package let output: Output?

    init(
        _ type: CommandType, summary: String, payload: Schema = .object([]), additionalScopes: [Scope] = [],
        timeLimit: Duration = .seconds(180), isExclusive: Bool = false, result: Schema = .freeFormObject,
        output: Output? = nil
    ) {
        self.type = type
        self.summary = summary
        self.payload = payload
        self.additionalScopes = additionalScopes
        self.timeLimit = timeLimit
        self.isExclusive = isExclusive
        self.result = result
        self.output = output
    }

    /// All wrong fields of a payload; one that is left out stands for `{}` where that is a valid payload.
    package func violations(ofPayload payload: JSON?, at path: String) -> [Violation] {
        if let payload { return self.payload.violations(of: payload, at: path) }
        guard self.payload.violations(of: [:], at: path).isEmpty else {
            return [Violation(path: path, message: "payload is required")]
        }
        return []
    }
}
