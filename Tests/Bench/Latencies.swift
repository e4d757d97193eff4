import EventLoop
import Foundation
import JSON

/// Durations, and what is said about them.
struct Latencies {
    private var nanoseconds: [Int64] = []

    var count: Int { nanoseconds.count }

    mutating func add(_ duration: Duration) { nanoseconds.append(duration.nanoseconds) }

    /// In milliseconds; nil when there are none.
    func percentile(_ share: Double) -> Double? {
        guard !nanoseconds.isEmpty else { return nil }
        let index = min(nanoseconds.count - 1, Int(Double(nanoseconds.count) * share))
        return Double(nanoseconds.sorted()[index]) / 1e6
    }

    /// `{"rate", "p50", "p99"}`: per second over `elapsed`, and milliseconds.
    func figures(over elapsed: Duration) -> JSON {
        let seconds = Double(elapsed.nanoseconds) / 1e9
        return [
            "rate": .figure(Double(count) / seconds), "p50": .figure(percentile(0.5)), "p99": .figure(percentile(0.99)),
        ]
    }
}

extension JSON {
    /// A measured number, to four places; null for none.
    static func figure(_ value: Double?) -> JSON {
        guard let value, value.isFinite else { return .null }
        return .decimal(Decimal((value * 10_000).rounded()) / 10_000)
    }
}
