import EventLoop
import ServiceRuntime

/// The limits as far as this process alone can keep them, while Redis is away.
@Loop final class LocalLimiter {
    private static let mostWindows = 10_000
    private static let mostMoments = 1_000_000

    private var windows: [String: SlidingWindow] = [:]
    private var moments = 0

    func check(_ rules: [LimitRule], at now: Int64) -> LimitVerdict? {
        if windows.count > Self.mostWindows || moments > Self.mostMoments { forget() }
        var states = rules.map { rule in
            windows[rule.key, default: SlidingWindow()].advance(to: now, window: rule.limit.window.milliseconds)
            return state(rule, now)
        }
        let isAllowed = states.allSatisfy { $0.used < $0.limit }
        if isAllowed {
            for rule in rules { windows[rule.key]?.add(now) }
            moments += rules.count
            states = rules.map { state($0, now) }
        }
        return LimitVerdict(isAllowed: isAllowed, states: states)
    }

    /// Starts from nothing: the counts of an outage mean little after it.
    func forget() {
        windows = [:]
        moments = 0
    }

    private func state(_ rule: LimitRule, _ now: Int64) -> LimitVerdict.BucketState {
        let window = windows[rule.key] ?? SlidingWindow()
        return window.state(limit: rule.limit.count, window: rule.limit.window.milliseconds, at: now)
    }
}
