/// Why the database did not do what was asked.
package enum PostgresError: Error, Hashable, Sendable {
    /// No connection could be had, or it was lost at a point that proves the statement has no effect. The text is for
    /// the log.
    case unavailable(String)
    /// Nothing within the time allowed. Inside a transaction nothing was changed; a single statement may still take
    /// effect, for at most the server's own limit.
    case deadline
    /// Every connection stayed busy for as long as a caller may wait, or as many callers wait as are allowed to.
    case poolExhausted
    /// The connection was lost after the last byte of a transaction was sent: it is either committed or not.
    case outcomeUnknown
    /// A constraint refused the change (SQLSTATE class 23); for NOT NULL the name is the column's.
    case violation(constraint: String, kind: Violation)
    /// A concurrent transaction won (40001): run the whole transaction again.
    case serialization
    /// The server broke a deadlock by aborting this transaction (40P01): run the whole transaction again.
    case deadlock
    /// Any other error of the server: SQLSTATE and primary message; details are left out since they quote row values.
    case server(code: String, message: String)
    /// A row's column is missing, NULL or not of the type that was asked for.
    case unexpectedValue(column: String, problem: String)

    /// The kind of constraint that was violated.
    package enum Violation: Hashable, Sendable {
        /// A unique index or primary key (23505).
        case unique
        /// A reference to or from another row (23503).
        case foreignKey
        /// A CHECK constraint (23514).
        case check
        /// A NULL where none may be (23502).
        case notNull
        /// An exclusion constraint (23P01).
        case exclusion
    }

    /// True when repeating the whole transaction at once is right and safe.
    package var isRetryable: Bool { self == .serialization || self == .deadlock }

    /// True when it is about the values themselves, refused by the server (SQLSTATE classes 22, 23 and 54) or unreadable
    /// here: the same statement with the same values fails again, whatever the state of the server.
    package var isAboutContent: Bool {
        switch self {
        case .violation, .unexpectedValue: true
        case .server(let code, _): code.hasPrefix("22") || code.hasPrefix("54")
        default: false
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line for the log.
    package var description: String {
        switch self {
        case .unavailable(let reason): "the database is not available: \(reason)"
        case .deadline: "the database did not answer in time"
        case .poolExhausted: "no database connection became free in time"
        case .outcomeUnknown: "the database connection was lost before the outcome was known"
        case .violation(let constraint, let kind): "constraint \(constraint) (\(kind)) violated"
        case .serialization: "a concurrent transaction won"
        case .deadlock: "a deadlock was broken"
        case .server(let code, let message): "\(message) (SQLSTATE \(code))"
        case .unexpectedValue(let column, let problem): "column \(column): \(problem)"
        }
    }
}
