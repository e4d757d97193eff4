/// The moments at which requests were let pass, as far as they still count: an exact sliding window.
struct SlidingWindow: Sendable {
    private var moments: [Int64] = []
    private var first = 0

    var isEmpty: Bool { first == moments.count }

    /// Drops what no longer counts at `now`, in milliseconds.
    mutating func advance(to now: Int64, window: Int64) {
        while first < moments.count, moments[first] <= now - window { first += 1 }
        if first > 512, first * 2 > moments.count {
            moments.removeFirst(first)
            first = 0
        }
    }

    /// The bucket at `now`.
    func state(limit: Int, window: Int64, at now: Int64) -> LimitVerdict.BucketState {
        let used = moments.count - first
        guard used > 0 else { return LimitVerdict.BucketState(limit: limit, used: 0, freeAfter: 0) }
        let leaving = moments[first + max(0, used - limit)]
        return LimitVerdict.BucketState(limit: limit, used: used, freeAfter: leaving + window - now)
    }

    mutating func add(_ moment: Int64) { moments.append(moment) }
}
