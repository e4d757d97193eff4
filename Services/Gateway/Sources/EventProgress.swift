import Bus

/// How far a subscriber has come: what it missed is read from the outbox up to where the feed stood when it joined;
/// what the feed brings meanwhile is held, and follows without a hole or a repetition.
struct EventProgress {
    static let mostHeldEvents = 1_000
    static let mostHeldBytes = 512 * 1024

    enum Step: Equatable {
        /// Read what comes after the first place, up to the second.
        case read(after: OutboxPosition, through: OutboxPosition)
        case live
    }

    private enum Stage {
        case joining
        case replaying(through: OutboxPosition)
        case live
    }

    /// Everything up to here has been handed out.
    private(set) var position: OutboxPosition
    private var stage = Stage.joining
    private var held: [LiveEvent] = []
    private var heldBytes = 0

    init(after position: OutboxPosition) { self.position = position }

    var isLive: Bool { if case .live = stage { true } else { false } }

    /// The feed stands at `feed`, and brings everything behind it from now on.
    mutating func joined(at feed: OutboxPosition) -> Step {
        stage = .replaying(through: feed)
        return advance()
    }

    /// What the feed has brought; true if it is to be handed out at once.
    mutating func happened(_ event: LiveEvent) -> Bool {
        guard event.position > position else { return false }
        switch stage {
        case .joining: return false
        case .live:
            position = event.position
            return true
        case .replaying:
            held.append(event)
            heldBytes += event.frame.count
            if held.count > Self.mostHeldEvents || heldBytes > Self.mostHeldBytes {
                // Too much to hold: it is read from the outbox like the rest.
                stage = .replaying(through: event.position)
                forgetHeld()
            }
            return false
        }
    }

    /// What was asked for has been read up to `end`, and handed out.
    mutating func replayed(through end: OutboxPosition) -> Step {
        position = max(position, end)
        return advance()
    }

    /// What was held while the replay ran, to be handed out now that it is over.
    mutating func takeHeld() -> [LiveEvent] {
        guard isLive else { return [] }
        let events = held.filter { $0.position > position }
        forgetHeld()
        if let last = events.last { position = last.position }
        return events
    }

    /// What is to be done now.
    var next: Step {
        guard case .replaying(let end) = stage, position < end else { return .live }
        return .read(after: position, through: end)
    }

    private mutating func advance() -> Step {
        let next = next
        if next == .live { stage = .live }
        return next
    }

    private mutating func forgetHeld() {
        held = []
        heldBytes = 0
    }
}
