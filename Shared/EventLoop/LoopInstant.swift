import CLinux

/// A point of the machine's monotonic clock, in nanoseconds since an arbitrary start; never goes backwards, means
/// nothing outside this process and this boot.
package struct LoopInstant: InstantProtocol, Hashable {
    /// Nanoseconds since the clock's start.
    package let nanoseconds: Int64

    /// An instant at a given reading of the clock.
    package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// The clock's reading at this very moment (`CLOCK_MONOTONIC`).
    package static var current: LoopInstant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return LoopInstant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The instant `duration` later (earlier, when negative); saturates instead of overflowing.
    package func advanced(by duration: Duration) -> LoopInstant {
        let (sum, overflow) = nanoseconds.addingReportingOverflow(duration.nanoseconds)
        return LoopInstant(nanoseconds: overflow ? (duration < .zero ? .min : .max) : sum)
    }

    /// The time from this instant to `other`; negative when `other` is earlier.
    package func duration(to other: LoopInstant) -> Duration { .nanoseconds(other.nanoseconds - nanoseconds) }

    /// Chronological order.
    package static func < (left: LoopInstant, right: LoopInstant) -> Bool { left.nanoseconds < right.nanoseconds }
}

extension Duration {
    /// The duration in whole nanoseconds; saturates at about 292 years.
    package var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : product + attoseconds / 1_000_000_000
    }

    /// The duration in whole milliseconds, rounded down.
    package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}

/// The instant `duration` after `instant`.
package func + (instant: LoopInstant, duration: Duration) -> LoopInstant { instant.advanced(by: duration) }

/// The time that has passed from `earlier` to `later`.
package func - (later: LoopInstant, earlier: LoopInstant) -> Duration { earlier.duration(to: later) }
