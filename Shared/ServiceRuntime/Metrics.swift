import EventLoop

/// The metrics of a process, written out in the Prometheus text format.
///
/// Create a handle once and keep it: finding one by name and labels costs a lookup, using one costs an addition. Names
/// and help texts are written in the code; label values may come from outside, and after 2,000 label sets of one name
/// the rest share the set `other`, so that nobody can fill the memory.
@Loop package final class Metrics {
    private var families: [String: Family] = [:]

    /// No metrics.
    package init() {}

    /// The counter of this name and these labels; the name ends in `_total`.
    package func counter(_ name: String, _ help: String, _ labels: MetricLabels = [:]) -> Counter {
        series(name, help, .counter, labels) { Counter() }
    }

    /// A counter that something else keeps, read at every scrape; a later one of the same name and labels replaces it.
    package func counter(
        _ name: String, _ help: String, _ labels: MetricLabels = [:], read: @escaping @Loop () -> Double
    ) {
        family(name, help, .counter).replace(labels, with: ReadMetric { number(read()) })
    }

    /// The gauge of this name and these labels.
    package func gauge(_ name: String, _ help: String, _ labels: MetricLabels = [:]) -> Gauge {
        series(name, help, .gauge, labels) { Gauge() }
    }

    /// A gauge that something else keeps, read at every scrape; a later one of the same name and labels replaces it.
    package func gauge(
        _ name: String, _ help: String, _ labels: MetricLabels = [:], read: @escaping @Loop () -> Double
    ) {
        family(name, help, .gauge).replace(labels, with: ReadMetric { number(read()) })
    }

    /// The histogram of this name and these labels; durations are observed in seconds, so the name ends in `_seconds`.
    package func histogram(
        _ name: String, _ help: String, _ labels: MetricLabels = [:], buckets: [Double] = Histogram.latencies
    ) -> Histogram {
        series(name, help, .histogram, labels) { Histogram(buckets: buckets) }
    }

    /// Everything in the text exposition format, version 0.0.4, sorted by name.
    package func exposition() -> String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(escape(family.help, quotes: false))\n# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, metric) in family.series.sorted(by: { $0.key < $1.key }) {
                metric.write(name, labels, to: &text)
            }
        }
        return text
    }

    private func series<Value: Metric>(
        _ name: String, _ help: String, _ kind: MetricKind, _ labels: MetricLabels, _ make: () -> Value
    ) -> Value {
        let family = family(name, help, kind)
        let key = family.key(labels)
        // Asked for under another type, a name would be a mistake in the code: it is kept apart, unseen.
        if let known = family.series[key] { return known as? Value ?? make() }
        let metric = make()
        family.series[key] = metric
        return metric
    }

    private func family(_ name: String, _ help: String, _ kind: MetricKind) -> Family {
        if let family = families[name] { return family }
        precondition(name.wholeMatch(of: /[a-z_][a-z0-9_]*/) != nil, "a metric's name is lowercase words")
        let family = Family(help: help, kind: kind)
        families[name] = family
        return family
    }
}

/// The labels of one series, by name.
package typealias MetricLabels = KeyValuePairs<String, String>

enum MetricKind: String {
    case counter, gauge, histogram
}

@Loop private final class Family {
    let help: String
    let kind: MetricKind
    var series: [String: any Metric] = [:]
    /// More than there are routes times statuses: who asks for nonsense must not push the failures into `other`.
    private static let limit = 2_000

    init(help: String, kind: MetricKind) {
        self.help = help
        self.kind = kind
    }

    func replace(_ labels: MetricLabels, with metric: ReadMetric) { series[key(labels)] = metric }

    func key(_ labels: MetricLabels) -> String {
        let key = text(labels.map { ($0.key, $0.value) })
        return series[key] != nil || series.count < Self.limit ? key : text(labels.map { ($0.key, "other") })
    }

    private func text(_ labels: [(name: String, value: String)]) -> String {
        labels.map { "\($0.name)=\"\(escape($0.value, quotes: true))\"" }.joined(separator: ",")
    }
}

private func escape(_ text: String, quotes: Bool) -> String {
    text.prefix(256).reduce(into: "") { escaped, character in
        switch character {
        case "\\": escaped += "\\\\"
        case "\n", "\r\n": escaped += "\\n"
        case "\"" where quotes: escaped += "\\\""
        default: escaped.append(character)
        }
    }
}
