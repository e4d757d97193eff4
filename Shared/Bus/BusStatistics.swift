/// What happened on the bus since the process started, for the metrics.
package struct BusStatistics: Sendable, Equatable {
    /// Calls that were sent.
    package var calls = 0
    /// Calls that were sent to another instance, because the first was gone or silent.
    package var retries = 0
    /// Calls that certainly reached nobody.
    package var notDelivered = 0
    /// Calls whose deadline passed.
    package var noAnswer = 0
    /// Replies to calls that had been given up.
    package var lateReplies = 0
    /// Replies to calls that this process never made.
    package var unknownReplies = 0
    /// Requests that were handed to a handler.
    package var requests = 0
    /// Requests that came twice and were executed once.
    package var duplicateRequests = 0
    /// Requests that came after their deadline and were dropped.
    package var expiredRequests = 0
    /// Requests that were refused unexecuted: too many were running, or nobody serves such.
    package var refusedRequests = 0
    /// Messages that could not be read.
    package var malformedMessages = 0
    /// Replies whose receiver was gone.
    package var undeliveredReplies = 0
}
