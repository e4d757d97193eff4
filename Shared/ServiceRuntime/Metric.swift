import EventLoop

/// Something that writes itself as lines of the exposition.
@Loop protocol Metric: AnyObject {
    /// Appends this series; `labels` is the text between the braces.
    func write(_ name: String, _ labels: String, to text: inout String)
}

/// A number that only grows.
@Loop package final class Counter: Metric {
    private var value: UInt64 = 0

    init() {}

    /// Counts one more, or `amount` more; wraps around instead of trapping.
    package func increment(by amount: UInt64 = 1) { value &+= amount }

    func write(_ name: String, _ labels: String, to text: inout String) { text += line(name, labels, String(value)) }
}

/// A number that goes up and down.
@Loop package final class Gauge: Metric {
    private var value = 0.0

    init() {}

    /// Replaces the value.
    package func set(_ value: Double) { self.value = value }

    /// Changes the value by `difference`.
    package func add(_ difference: Double) { value += difference }

    func write(_ name: String, _ labels: String, to text: inout String) { text += line(name, labels, number(value)) }
}

/// How often a quantity fell below each of some bounds, with the sum of all observations.
@Loop package final class Histogram: Metric {
    /// Bounds in seconds for what a service does: from a tenth of a millisecond to half a minute.
    package nonisolated static let latencies = [
        0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    private let bounds: [Double]
    private var counts: [UInt64]
    private var sum = 0.0

    init(buckets: [Double]) {
        bounds = buckets
        counts = Array(repeating: 0, count: buckets.count + 1)
    }

    /// Counts `value`, in the unit that the name promises.
    package func observe(_ value: Double) {
        var bucket = 0
        while bucket < bounds.count && value > bounds[bucket] { bucket += 1 }
        counts[bucket] &+= 1
        sum += value
    }

    /// Counts `duration` in seconds; a negative one, between two hosts' clocks, counts as none.
    package func observe(_ duration: Duration) { observe(Double(max(.zero, duration).nanoseconds) / 1e9) }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let separator = labels.isEmpty ? "" : ","
        var total: UInt64 = 0
        for (index, count) in counts.enumerated() {
            total += count
            let bound = index < bounds.count ? number(bounds[index]) : "+Inf"
            text += line("\(name)_bucket", "\(labels)\(separator)le=\"\(bound)\"", String(total))
        }
        text += line("\(name)_sum", labels, number(sum)) + line("\(name)_count", labels, String(total))
    }
}

/// A value that is asked for when it is written.
@Loop final class ReadMetric: Metric {
    private let read: @Loop () -> String

    init(_ read: @escaping @Loop () -> String) { self.read = read }

    func write(_ name: String, _ labels: String, to text: inout String) { text += line(name, labels, read()) }
}

/// A number as Prometheus reads it; whole ones without a fraction.
func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
    return Int64(exactly: value).map(String.init) ?? String(value)
}

private func line(_ name: String, _ labels: String, _ value: String) -> String {
    labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
}
