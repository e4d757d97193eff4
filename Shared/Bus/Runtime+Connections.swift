import Crypto
import EventLoop
import Models
import Postgres
import Redis
import ServiceRuntime

extension Runtime {
    /// The process' database: without it the process is not ready, and its load is among the metrics. Its `component`
    /// belongs at the head of the list, so that it closes last.
    package func database(_ url: Secret) -> PostgresPool {
        let pool = PostgresPool(PostgresConfiguration(url: url.revealed, applicationName: instance))
        addReadinessCheck("database") { pool.isReady ? .ready : .unready("no connection to PostgreSQL") }
        metrics.gauge("ebon_database_connections", "Connections to PostgreSQL.") { Double(pool.load.open) }
        metrics.gauge("ebon_database_idle_connections", "Those of them without work.") { Double(pool.load.free) }
        metrics.gauge("ebon_database_waiters", "Who waits for a connection.") { Double(pool.load.waiting) }
        metrics.counter("ebon_database_round_trips_total", "How often PostgreSQL was asked something.") {
            Double(pool.roundTrips)
        }
        let help = "How long callers waited for a connection, by whether one came; who found one free is not counted."
        let waits = [true, false].map { wasServed in
            metrics.histogram("ebon_database_wait_seconds", help, ["served": String(wasServed)])
        }
        pool.onWaited = { duration, wasServed in waits[wasServed ? 0 : 1].observe(duration) }
        return pool
    }

    /// The process' bus, as an instance of `service` that believes in the callers which edges sign like `callers`:
    /// without it the process is not ready, and its counters are among the metrics. Its `component` and `withdrawal`
    /// belong around what serves through it.
    package func bus(_ service: ServiceName, redis url: RedisURL, callers: SignedCaller? = nil) -> Bus {
        let bus = Bus(service: service, instance: instance, redis: url, callers: callers)
        addReadinessCheck("bus") { bus.isReady ? .ready : .unready("no connection to Redis") }
        bus.observe(in: metrics)
        return bus
    }
}

extension PostgresPool {
    /// The pool as a part of a process: it opens connections when they are needed, and closes them last.
    package nonisolated var component: Component {
        Component("database", stop: { await self.close(within: $0 - LoopInstant.current) })
    }
}
