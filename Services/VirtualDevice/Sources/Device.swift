import EventLoop
import Glibc
import HTTP
import Models
import ServiceRuntime

/// One E-BON app with its register: carries out what the app's core decides.
@Loop final class Device {
    let id: DeviceID
    private(set) var core: AppCore
    private(set) var register: Register
    var latency: Duration
    var failure: PlannedFailure?

    private let storage: Storage
    private(set) var link: DeviceLink!

    init(
        _ id: DeviceID, journal: Journal, memory: RegisterMemory, storage: Storage, latency: Duration,
        access: CloudAccess, seed: UInt64
    ) {
        self.id = id
        self.storage = storage
        self.latency = latency
        core = AppCore(journal: journal)
        register = Register(device: id, memory: memory)
        link = DeviceLink(id, access: access, generator: SeededGenerator(seed: seed)) { [weak self] in self?.receive($0)
        }
    }

    /// Completes what an earlier process has left open, then connects.
    func start() {
        guard register.memory.commissionedAt != nil else {
            return write(.commissioning(at: .now())) { [self] in start() }
        }
        let printed = core.journal.open.compactMap { id in
            register.memory.answer(id).map { (id, Answer.done($0)) }
        }
        handle(.started(printed: Dictionary(uniqueKeysWithValues: printed)))
        link.open()
    }

    /// Changes flags or fault as a person at the register would, and reports it.
    func change(_ conditions: Conditions) {
        guard conditions != register.conditions else { return }
        register.conditions = conditions
        link.send(.status(conditions))
    }

    private func receive(_ frame: CloudFrame) {
        switch frame {
        case .welcome: handle(.welcomed(register.conditions))
        case .command(let order):
            if !fails(at: .beforeJournal) { handle(.command(order)) }
        case .ack(let id): handle(.ack(id))
        case .query(let ids): handle(.query(ids))
        case .ping: link.send(.pong)
        case .pong: break
        }
    }

    private func handle(_ event: AppCore.Event) {
        for effect in core.handle(event, at: .now()) {
            switch effect {
            case .send(let frame): link.send(frame)
            case .journal(let line): storage.append(line, of: id) { [self] in durable(line) }
            case .execute(let order): begin(order)
            }
        }
    }

    private func durable(_ line: JournalLine) {
        switch line {
        case .accepted: fails(at: .afterJournal)
        case .executed: fails(at: .beforeResult)
        case .started, .acked: break
        }
        handle(.durable(line))
    }

    private func begin(_ order: Order) {
        let congestion = link.congestion()
        guard congestion == .zero else {
            _ = Loop.schedule(after: congestion) { [self] in begin(order) }
            return
        }
        Loop.schedule(after: latency) { [self] in execute(order) }
    }

    private func execute(_ order: Order) {
        switch register.reaction(to: order, at: .now()) {
        case .refused(let error): handle(.answered(order.id, .refused(error)))
        case .answered(let data): handle(.answered(order.id, .done(data)))
        case .recorded(let record):
            write(record) { [self] in
                fails(at: .afterPrint)
                handle(.answered(order.id, .done(record.data)))
            }
        }
    }

    private func write(_ record: FiscalRecord, then proceed: @escaping @Loop () -> Void) {
        storage.append(record, of: id) { [self] in
            let slip = Slip(record, of: register)
            register.remember(record)
            if let slip { storage.print(slip) }
            proceed()
        }
    }

    /// Fails if that is planned for this point; true if the connection was cut. Does not return when the process ends.
    @discardableResult
    private func fails(at point: FailurePoint) -> Bool {
        guard var planned = failure, planned.point == point else { return false }
        planned.times -= 1
        failure = planned.times > 0 ? planned : nil
        Log.warning("failing as planned", ["deviceId": id, "point": point.rawValue, "action": planned.action.rawValue])
        switch planned.action {
        case .exit: _exit(137)
        case .disconnect: link.cut()
        }
        return true
    }
}
