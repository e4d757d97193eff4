import Endpoints
import EventLoop
import HTTP
import ServiceRuntime

/// A route as the edge serves it, with its metrics at hand.
@Loop final class RouteHandle {
    /// Who answers.
    enum Answerer {
        case owner
        case health, me, openAPI, socket
    }

    nonisolated let route: Route
    nonisolated let answerer: Answerer
    nonisolated let buckets: [Bucket]
    private let metrics: RouteMetrics

    init(_ route: Route, _ answerer: Answerer = .owner, metrics: Metrics) {
        self.route = route
        self.answerer = answerer
        buckets = Bucket.allCases.filter(route.buckets.contains)
        self.metrics = RouteMetrics(route.name, metrics)
    }

    /// Submitting commands and signing in are not possible without exact limits.
    nonisolated var needsExactLimits: Bool { buckets.contains(.commands) || buckets.contains(.auth) }

    /// Whether asking twice does no harm: a read that waits for a device makes the device do something.
    nonisolated var isRepeatable: Bool { route.method == .get && route.deadline <= .seconds(10) }

    /// Whether the whole deadline is spent on an owner that has fallen silent: what is under way to a device can
    /// neither be taken back nor be ordered again without thought.
    nonisolated var isPatient: Bool { route.deadline > .seconds(10) || buckets.contains(.commands) }

    /// Whether the owner waits for a register, which may have acted before the owner fell silent.
    nonisolated var waitsForDevice: Bool { route.errors.contains { $0.code == .commandTimeout } }

    func observe(_ status: HTTPStatus, since start: LoopInstant) { metrics.observe(status, since: start) }
}

/// The figures of one route.
@Loop final class RouteMetrics {
    private let name: String
    private let metrics: Metrics
    private let latency: Histogram
    private var counters: [Int: Counter] = [:]

    init(_ name: String, _ metrics: Metrics) {
        self.name = name
        self.metrics = metrics
        latency = metrics.histogram("ebon_edge_request_seconds", "Time from request to answer.", ["route": name])
    }

    func observe(_ status: HTTPStatus, since start: LoopInstant) {
        counter(status.rawValue).increment()
        latency.observe(Double(LoopInstant.current.nanoseconds - start.nanoseconds) / 1e9)
    }

    private func counter(_ status: Int) -> Counter {
        if let counter = counters[status] { return counter }
        let labels: MetricLabels = ["route": name, "status": String(status)]
        let counter = metrics.counter("ebon_edge_requests_total", "Requests by route and status.", labels)
        counters[status] = counter
        return counter
    }
}
