/// Why a call over the bus has no reply.
package enum BusError: Error, Equatable, Sendable {
    /// Certainly no instance received the request: none is known, Redis is away, or too much is waiting. Sending it
    /// again is safe.
    case notDelivered
    /// The deadline passed without a reply: the request may have been executed. Send it again only if executing it
    /// twice is harmless.
    case noAnswer
    /// The handler answered a message with something else than success: its error as the reply that it made of it.
    case refused(BusReply)
}
