import EventLoop
import ServiceRuntime
import Testing

@Suite("Metrics") @Loop struct MetricsTests {
    private let metrics = Metrics()

    @Test("counters and gauges are written with help, type and sorted labels")
    func simple() {
        metrics.counter("requests_total", "Requests.", ["route": "b"]).increment(by: 2)
        metrics.counter("requests_total", "Requests.", ["route": "a"]).increment()
        let sockets = metrics.gauge("sockets", "Open sockets.")
        sockets.set(5)
        sockets.add(-1.5)
        #expect(
            metrics.exposition() == """
                # HELP requests_total Requests.
                # TYPE requests_total counter
                requests_total{route="a"} 1
                requests_total{route="b"} 2
                # HELP sockets Open sockets.
                # TYPE sockets gauge
                sockets 3.5

                """)
    }

    @Test("a histogram is cumulative and counts a value on a bound below it")
    func histogram() {
        let latency = metrics.histogram("wait_seconds", "Waits.", ["route": "a"], buckets: [0.5, 1])
        latency.observe(.milliseconds(500))
        latency.observe(0.75)
        latency.observe(.seconds(4))
        #expect(
            metrics.exposition() == """
                # HELP wait_seconds Waits.
                # TYPE wait_seconds histogram
                wait_seconds_bucket{route="a",le="0.5"} 1
                wait_seconds_bucket{route="a",le="1"} 2
                wait_seconds_bucket{route="a",le="+Inf"} 3
                wait_seconds_sum{route="a"} 5.25
                wait_seconds_count{route="a"} 3

                """)
    }

    @Test("a duration between two clocks that differ is none, not a negative one")
    func negative() {
        metrics.histogram("wait_seconds", "Wait.").observe(.seconds(-5))
        #expect(metrics.exposition().contains("wait_seconds_sum 0\n"))
        #expect(metrics.exposition().contains("wait_seconds_count 1\n"))
    }

    @Test("the same name and labels are the same handle")
    func sameHandle() {
        metrics.counter("a_total", "A.", ["x": "1"]).increment()
        metrics.counter("a_total", "A.", ["x": "1"]).increment()
        #expect(metrics.exposition().contains("a_total{x=\"1\"} 2\n"))
    }

    @Test("values that live elsewhere are read when they are written")
    func read() {
        let pool = Pool()
        metrics.gauge("idle", "Idle.") { pool.idle }
        metrics.counter("seen_total", "Seen.") { pool.idle * 10 }
        pool.idle = 7
        #expect(metrics.exposition().contains("\nidle 7\n"))
        #expect(metrics.exposition().contains("\nseen_total 70\n"))
    }

    @Test("label values cannot break out of their quotes or lines")
    func escaping() {
        metrics.counter("a_total", "One\nline \\ only.", ["x": "\"}\n\\\r\n"]).increment()
        #expect(metrics.exposition().contains(#"# HELP a_total One\nline \\ only."# + "\n"))
        #expect(metrics.exposition().contains(#"a_total{x="\"}\n\\\n"} 1"# + "\n"))
    }

    @Test("a flood of label values ends in one shared series")
    func cardinality() {
        for number in 0..<3000 { metrics.counter("a_total", "A.", ["x": "\(number)"]).increment() }
        let lines = metrics.exposition().split(separator: "\n")
        #expect(lines.count == 2 + 2001)
        #expect(lines.contains("a_total{x=\"other\"} 1000"))
    }

    @Test("numbers without a finite value are written as Prometheus reads them")
    func notFinite() {
        metrics.gauge("a", "A.") { .nan }
        metrics.gauge("b", "B.") { .infinity }
        #expect(metrics.exposition().contains("\na NaN\n"))
        #expect(metrics.exposition().contains("\nb +Inf\n"))
    }
}

@Loop private final class Pool {
    var idle = 1.0
}
