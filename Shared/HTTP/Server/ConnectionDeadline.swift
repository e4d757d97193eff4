import EventLoop

/// An absolute deadline that moves with every request and still costs no timer operation per request: the armed timer
/// looks, when it fires, whether the deadline has moved on.
@Loop final class ConnectionDeadline {
    var expired: (@Loop () -> Void)?
    private var instant: LoopInstant?
    private var armedFor: LoopInstant?
    private var timer: LoopTimer?

    func set(after duration: Duration) {
        let instant = Loop.now + duration
        self.instant = instant
        if let armedFor, armedFor <= instant { return }
        arm(instant)
    }

    func clear() { instant = nil }

    func end() {
        instant = nil
        expired = nil
        timer?.cancel()
        timer = nil
    }

    private func arm(_ instant: LoopInstant) {
        timer?.cancel()
        armedFor = instant
        timer = Loop.schedule(at: instant) { [weak self] in self?.fire() }
    }

    private func fire() {
        armedFor = nil
        timer = nil
        guard let instant else { return }
        if instant <= Loop.now {
            self.instant = nil
            expired?()
        } else {
            arm(instant)
        }
    }
}
