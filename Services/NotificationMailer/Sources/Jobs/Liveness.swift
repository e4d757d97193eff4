import EventLoop
import Synchronization

/// Whether this process has been alive without a gap, as far as the others can see; asked from any thread.
///
/// A process that stood still for too long, or had no database, may have lost to them what it had claimed before.
final class Liveness: Sendable {
    private struct Series {
        var first: LoopInstant
        var last: LoopInstant
    }

    private let series: Mutex<Series>
    private let limit: Duration

    /// - Parameter limit: less than the ten seconds after which others take over.
    init(seen moment: LoopInstant = .current, limit: Duration = .seconds(8)) {
        series = Mutex(Series(first: moment, last: moment))
        self.limit = limit
    }

    func seen(at moment: LoopInstant) {
        series.withLock { series in
            if moment - series.last >= limit { series.first = moment }
            series.last = moment
        }
    }

    /// Whether what was claimed at that moment is still this process' own.
    func isUnbroken(since claimedAt: LoopInstant) -> Bool {
        let series = series.withLock { $0 }
        return series.first <= claimedAt && LoopInstant.current - series.last < limit
    }
}
