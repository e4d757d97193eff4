/// What a consumer has done since the process started, for the metrics.
package struct OutboxStatistics: Sendable, Equatable {
    /// Events handled, each once.
    package var handled = 0
    /// Batches that failed, for whatever reason.
    package var failures = 0
    /// Events given up and set aside in `bus.parked`.
    package var parked = 0
    /// Events deleted because they were old and behind every consumer.
    package var expired = 0
}

/// Thrown by a consumer's handler when it cannot work now (its means are away) and the events are not to blame: they
/// are tried again with growing pauses, without a count.
package struct OutboxPostponed: Error, CustomStringConvertible {
    /// Why, for the log.
    package let reason: String

    /// A postponement for `reason`.
    package init(_ reason: String) { self.reason = reason }

    /// The reason.
    package var description: String { reason }
}
