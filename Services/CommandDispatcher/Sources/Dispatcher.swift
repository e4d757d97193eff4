import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// The service, put together: the same in production and in tests.
@Loop final class Dispatcher {
    let pool: PostgresPool
    let bus: Bus
    let sweep: Sweep
    let figures: CommandFigures
    private let waiters = Waiters()

    init(pool: PostgresPool, bus: Bus, metrics: Metrics = Metrics(), patience: Duration, timeLimit: Duration? = nil) {
        self.pool = pool
        self.bus = bus
        let presence = Presence(bus)
        let store = CommandStore(pool: pool)
        let ledger = CommandLedger(store: store)
        let deliverer = Deliverer(store: store, ledger: ledger, bus: bus, presence: presence)
        let inquirer = Inquirer(store: store, bus: bus, presence: presence)
        sweep = Sweep(store: store, ledger: ledger, deliverer: deliverer, inquirer: inquirer, waiters: waiters)
        ledger.onLaneFree = { deliverer.serve($0) }
        deliverer.onNotDelivered = { [waiters] in waiters.notDelivered($0) }
        ledger.onCommitted = { bus.publish(OutboxGrew()) }
        let figures = CommandFigures(metrics, store: store)
        self.figures = figures
        ledger.onResolved = { record in
            figures.count(resolved: record)
            record.log("command resolved")
        }
        ledger.onFinished = { [waiters] record in
            figures.count(finished: record)
            record.log("command finished")
            guard record.isAwaited, !waiters.ended(record) else { return }
            bus.publish(CommandsFinished(commandIds: [record.id]))
        }
        bus.subscribe(CommandsFinished.self) { [waiters, sweep] hint in
            guard !waiters.ids.isDisjoint(with: hint.commandIds) else { return }
            Task.immediate(executorPreference: Loop.executor) { @Loop in try? await sweep.lookAfterWaiters() }
        }
        bus.subscribe(DeviceGone.self) { [sweep] hint in
            Task.immediate(executorPreference: Loop.executor) { @Loop in
                try? await sweep.cancelOrphaned(of: hint.deviceId)
            }
        }
        CommandHandlers(store: store, ledger: ledger, deliverer: deliverer, timeLimit: timeLimit).mount(on: bus)
        LiveRoutes(
            store: store, ledger: ledger, deliverer: deliverer, waiters: waiters, patience: patience,
            timeLimit: timeLimit
        ).mount(on: bus)
        ReceiptHandlers(
            receipts: ReceiptStore(pool: pool), commands: store, onCommitted: { bus.publish(OutboxGrew()) }
        ).mount(on: bus)
        ReportHandlers(reports: ReportStore(pool: pool)).mount(on: bus)
        DeviceMessages(
            intake: ResultIntake(ledger: ledger, store: store), inquirer: inquirer, deliverer: deliverer
        ).mount(on: bus)
    }

    /// In the order of their start. While requests are still finished, live routes need their backstop.
    var components: [Component] {
        let (pool, sweep, figures) = (pool, sweep, figures)
        return [
            pool.component,
            .periodic("waiters", every: .milliseconds(500)) { try await sweep.lookAfterWaiters() },
            bus.component,
            .periodic("sweep", every: .seconds(1)) { try await sweep.turn() },
            .periodic("figures", every: .seconds(5)) { try await figures.measure() },
            bus.withdrawal,
        ]
    }
}
