import EventLoop
import Models
import ServiceRuntime

extension OutboxConsumer {
    /// The consumer as a part of a process: it looks at every hint and after every reconnect; what it has done is among
    /// the metrics, and how far it is behind whenever ``measureBacklog()`` is called.
    package func component(on bus: Bus, metrics: Metrics) -> Component {
        bus.subscribe(OutboxGrew.self) { [weak self] _ in self?.wake() }
        bus.onReconnect { [weak self] in self?.wake() }
        metrics.counter("ebon_events_handled_total", "Events of the outbox that were handled.") {
            Double(self.statistics.handled)
        }
        metrics.counter("ebon_event_failures_total", "Batches of events that failed.") {
            Double(self.statistics.failures)
        }
        metrics.counter("ebon_events_parked_total", "Events that were set aside.") { Double(self.statistics.parked) }
        metrics.gauge("ebon_events_backlog_seconds", "Age of the oldest event that waits to be handled.") {
            self.backlog.map { Double($0.nanoseconds) / 1e9 } ?? .nan
        }
        let delay = metrics.histogram("ebon_events_delay_seconds", "From an event to its handling.")
        onHandled = { delay.observe($0) }
        return Component("events") {
            self.start()
        } stop: {
            await self.stop(deadline: $0)
        }
    }
}
