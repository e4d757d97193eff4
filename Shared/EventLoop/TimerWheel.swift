/// A timer of the loop; it fires once and can be cancelled until then.
@Loop package final class LoopTimer {
    let tick: UInt64
    var action: (@Loop () -> Void)?
    var next: LoopTimer?
    unowned(unsafe) var previous: LoopTimer?
    var slot: Int?
    private unowned(unsafe) let wheel: TimerWheel

    init(tick: UInt64, wheel: TimerWheel, action: @escaping @Loop () -> Void) {
        self.tick = tick
        self.wheel = wheel
        self.action = action
    }

    /// Drops the timer and everything its action holds; without effect once it has fired.
    package func cancel() {
        action = nil
        wheel.remove(self)
    }
}

/// A hierarchical timing wheel: 7 levels of 64 slots over 4 ms ticks, so that arming, cancelling and firing cost the
/// same with one timer as with a hundred thousand.
@Loop final class TimerWheel {
    nonisolated static let tickNanoseconds: Int64 = 4_000_000
    private nonisolated static let levels = 7
    private nonisolated static let horizon: UInt64 = 1 << 42

    private var elapsed: UInt64 = 0
    private var occupied: [UInt64]
    private var heads: [LoopTimer?]

    nonisolated init() {
        occupied = Array(repeating: 0, count: Self.levels)
        heads = Array(repeating: nil, count: Self.levels * 64)
    }

    func schedule(tick: UInt64, _ action: @escaping @Loop () -> Void) -> LoopTimer {
        let timer = LoopTimer(tick: min(max(tick, elapsed), elapsed + Self.horizon - 1), wheel: self, action: action)
        insert(timer)
        return timer
    }

    func remove(_ timer: LoopTimer) {
        guard let slot = timer.slot else { return }
        let next = timer.next
        next?.previous = timer.previous
        if let previous = timer.previous {
            previous.next = next
        } else {
            heads[slot] = next
            if next == nil { occupied[slot / 64] &= ~(1 << UInt64(slot % 64)) }
        }
        timer.slot = nil
        timer.next = nil
        timer.previous = nil
    }

    /// The tick at which the wheel next wants to be advanced, if any timer is armed.
    var nextTick: UInt64? { nextSlot?.tick }

    /// Fires everything that is due at `tick`.
    func advance(to tick: UInt64) {
        while let (slot, due) = nextSlot, due <= tick {
            elapsed = max(elapsed, due)
            var timer = heads[slot]
            heads[slot] = nil
            occupied[slot / 64] &= ~(1 << UInt64(slot % 64))
            var due = [LoopTimer]()
            while let current = timer {
                timer = current.next
                current.next = nil
                current.previous = nil
                current.slot = nil
                if current.tick <= elapsed { due.append(current) } else { insert(current) }
            }
            for timer in due {
                guard let action = timer.action else { continue }
                timer.action = nil
                action()
            }
        }
        elapsed = max(elapsed, tick)
    }

    private func insert(_ timer: LoopTimer) {
        let distance = (elapsed ^ timer.tick) | 63
        let level = min((63 - distance.leadingZeroBitCount) / 6, Self.levels - 1)
        let index = Int(timer.tick >> UInt64(level * 6)) & 63
        let slot = level * 64 + index
        timer.slot = slot
        timer.next = heads[slot]
        heads[slot]?.previous = timer
        heads[slot] = timer
        occupied[level] |= 1 << UInt64(index)
    }

    private var nextSlot: (slot: Int, tick: UInt64)? {
        for level in 0..<Self.levels where occupied[level] != 0 {
            let shift = UInt64(level * 6)
            let current = Int(elapsed >> shift) & 63
            let slots = occupied[level]
            let rotated = (slots >> UInt64(current)) | (current == 0 ? 0 : slots << UInt64(64 - current))
            let index = (current + rotated.trailingZeroBitCount) & 63
            let base = elapsed & ~((UInt64(64) << shift) - 1)
            var tick = base + UInt64(index) << shift
            if index < current { tick += UInt64(64) << shift }
            return (level * 64 + index, tick)
        }
        return nil
    }
}
