import EventLoop

/// The only place for what several test targets need: waiting for a condition of the outside world, with a deadline.
///
/// Polls `condition` every few milliseconds until it returns a value; nil after `deadline`.
@Loop package func eventually<Value>(
    within deadline: Duration = .seconds(30), _ condition: @Loop () async throws -> Value?
) async rethrows -> Value? {
    let end = LoopInstant.current + deadline
    while true {
        if let value = try await condition() { return value }
        guard LoopInstant.current < end else { return nil }
        try? await Loop.sleep(for: .milliseconds(10))
    }
}
