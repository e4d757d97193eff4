import EventLoop
import ServiceRuntime

extension Bus {
    /// Adds the bus' counters and latencies to the process' metrics; call it before anything is mounted.
    package func observe(in metrics: Metrics) {
        wire.metrics = metrics
        let counters: [(name: String, help: String, value: KeyPath<BusStatistics, Int> & Sendable)] = [
            ("ebon_bus_calls_total", "Requests sent to other services.", \.calls),
            ("ebon_bus_retries_total", "Requests sent again, since an instance was gone, busy or silent.", \.retries),
            ("ebon_bus_not_delivered_total", "Requests that certainly nobody executed.", \.notDelivered),
            ("ebon_bus_no_answer_total", "Requests whose deadline passed without an answer.", \.noAnswer),
            ("ebon_bus_late_replies_total", "Replies to requests that had been given up.", \.lateReplies),
            ("ebon_bus_unknown_replies_total", "Replies to requests that were never made.", \.unknownReplies),
            ("ebon_bus_requests_total", "Requests executed for other services.", \.requests),
            ("ebon_bus_duplicate_requests_total", "Requests that came twice.", \.duplicateRequests),
            ("ebon_bus_expired_requests_total", "Requests that came after their deadline.", \.expiredRequests),
            ("ebon_bus_refused_requests_total", "Requests refused unexecuted.", \.refusedRequests),
            ("ebon_bus_malformed_messages_total", "Messages that could not be read.", \.malformedMessages),
            ("ebon_bus_undelivered_replies_total", "Replies whose receiver was gone.", \.undeliveredReplies),
        ]
        for counter in counters {
            metrics.counter(counter.name, counter.help) { Double(self.statistics[keyPath: counter.value]) }
        }
        metrics.gauge("ebon_bus_pending_calls", "Requests that wait for their reply.") { Double(self.pendingCalls) }
        metrics.gauge("ebon_bus_running_requests", "Requests being executed.") { Double(self.runningRequests) }
        metrics.gauge("ebon_redis_outstanding_commands", "Redis commands that wait for their reply.") {
            Double(self.redis.outstandingCommands)
        }
    }
}
