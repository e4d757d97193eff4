import Bus
import EventLoop
import Models
import ServiceRuntime

/// What does not depend on anybody's message having arrived: once a second, on every replica.
@Loop final class Sweep {
    private static let mostDue = 500
    private static let mostDevices = 2_000
    private static let mostQueries = 500
    private static let mostKeys = 1_000

    private let store: CommandStore
    private let ledger: CommandLedger
    private let deliverer: Deliverer
    private let inquirer: Inquirer
    private let waiters: Waiters
    private var lastDevice = ""
    private var turns = 0

    init(store: CommandStore, ledger: CommandLedger, deliverer: Deliverer, inquirer: Inquirer, waiters: Waiters) {
        self.store = store
        self.ledger = ledger
        self.deliverer = deliverer
        self.inquirer = inquirer
        self.waiters = waiters
    }

    func turn() async throws {
        try await endWhatIsDue()
        try await serveWaitingDevices()
        for (device, ids) in try await store.takeQueries(at: .now(), limit: Self.mostQueries) {
            inquirer.ask(device, about: ids)
        }
        turns += 1
        if turns % 5 == 0 { try await cancelOrphaned() }
        if turns % 60 == 0 { try await forgetOldKeys() }
    }

    /// Cancels what waits for devices that have been deleted, or for `device` if that has been.
    func cancelOrphaned(of device: DeviceID? = nil) async throws {
        var orphaned: [CommandRecord]
        repeat {
            orphaned = try await store.orphaned(of: device, limit: Self.mostDue)
            try await ledger.apply(.cancelled, to: orphaned)
        } while orphaned.count == Self.mostDue
    }

    func endWhatIsDue() async throws {
        var due: [CommandRecord]
        repeat {
            due = try await store.due(at: .now(), limit: Self.mostDue)
            try await ledger.apply(.tick, to: due)
        } while due.count == Self.mostDue
    }

    func forgetOldKeys() async throws {
        while try await store.forgetOldKeys(at: .now(), limit: Self.mostKeys) == Self.mostKeys {}
    }

    /// The deliverer leaves out those whose socket is down and whose lane is taken.
    private func serveWaitingDevices() async throws {
        let devices = try await store.waitingDevices(after: lastDevice, limit: Self.mostDevices)
        for device in devices { deliverer.serve(device) }
        lastDevice = devices.count == Self.mostDevices ? devices.last!.rawValue : ""
    }

    /// Whatever a lost hint would have told the live routes.
    func lookAfterWaiters() async throws {
        let ids = waiters.ids
        guard !ids.isEmpty else { return }
        for record in try await store.load(ids).values where record.state.finishedAt != nil { waiters.ended(record) }
    }
}
