import Models

/// The moment at which the condition of an alert became true, or will.
enum Onset: Equatable, Sendable {
    /// It holds since then, by the device's own account: a clock that differs from the one that took it down changes
    /// nothing.
    case since(Timestamp)
    /// Time makes it true at that moment, should nothing happen before.
    case due(Timestamp)

    var moment: Timestamp {
        switch self {
        case .since(let moment), .due(let moment): moment
        }
    }
}
