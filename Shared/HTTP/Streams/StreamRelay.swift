import EventLoop

/// Moves bytes between two streams in both directions until both are done: a tunnel.
@Loop package enum StreamRelay {
    /// Joins the streams. A side that cannot keep up slows the other one down; a half-close is passed on, and the other
    /// side has ten seconds to follow; a failure of one closes the other. `ended` is called once, when both are closed.
    package static func join(_ left: TCPStream, _ right: TCPStream, ended: @escaping @Loop () -> Void = {}) {
        let relay = Relay(left, right, ended: ended)
        left.handler = { relay.handle($0, from: left, to: right) }
        right.handler = { relay.handle($0, from: right, to: left) }
        left.resumeReading()
        right.resumeReading()
    }
}

@Loop private final class Relay {
    private let left: TCPStream
    private let right: TCPStream
    private let ended: @Loop () -> Void
    private var finished = 0
    private var patience: LoopTimer?
    private var isOver = false

    init(_ left: TCPStream, _ right: TCPStream, ended: @escaping @Loop () -> Void) {
        self.left = left
        self.right = right
        self.ended = ended
    }

    func handle(_ event: TCPStream.Event, from source: TCPStream, to sink: TCPStream) {
        switch event {
        case .bytes(let bytes):
            sink.write(bytes)
            if sink.isCongested { source.pauseReading() }
        case .drained:
            sink.resumeReading()
        case .end:
            sink.finishWriting()
            finished += 1
            if finished == 2 { return end() }
            // A peer that is gone without a word would keep both streams for as long as TCP retries.
            patience = Loop.schedule(after: .seconds(10)) { [self] in end() }
        case .failed:
            end()
        }
    }

    private func end() {
        guard !isOver else { return }
        isOver = true
        patience?.cancel()
        left.close()
        right.close()
        ended()
    }
}
