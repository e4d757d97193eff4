import EventLoop
import JSON
import Models

/// The only place that changes what is known of a command: reads it, lets ``CommandState`` decide, writes back what is
/// still as it was read, and tells whoever waits.
@Loop final class CommandLedger {
    enum Decision {
        /// The event counted; `record` is what the command is now.
        case applied(CommandRecord)
        /// The command is what it is; the event adds nothing.
        case unchanged(CommandRecord)
        /// There is no such command of this device.
        case refused(reason: String, isKnown: Bool)
    }

    struct Entry {
        let id: CommandID
        /// The device that says so; nil when the cloud itself does.
        var deviceId: DeviceID?
        let event: CommandState.Event
    }

    /// How often a command that others change at the same time is read again.
    private static let mostRounds = 16

    private let store: CommandStore
    /// Commands that have ended, and devices that can take the next one.
    var onFinished: (CommandRecord) -> Void = { _ in }
    /// Commands of which the device had to be asked.
    var onResolved: (CommandRecord) -> Void = { _ in }
    var onLaneFree: (DeviceID) -> Void = { _ in }
    var onCommitted: () -> Void = {}

    init(store: CommandStore) { self.store = store }

    /// Applies `entries` in order, as few transactions as possible; the decisions are in the same order.
    func apply(_ entries: [Entry]) async throws -> [Decision] {
        var decisions: [Decision?] = Array(repeating: nil, count: entries.count)
        var open = Array(entries.indices)
        for _ in 0..<Self.mostRounds where !open.isEmpty {
            let records = try await store.load(Set(open.map { entries[$0].id }))
            let now = Timestamp.now()
            var changes: [(index: Int, change: CommandChange)] = []
            var deferred: [Int] = []
            var changed: Set<CommandID> = []
            for index in open {
                let entry = entries[index]
                guard let record = records[entry.id] else {
                    decisions[index] = .refused(reason: "no such command", isKnown: false)
                    continue
                }
                if let device = entry.deviceId, device != record.deviceId {
                    decisions[index] = .refused(reason: "a command of another device", isKnown: true)
                    continue
                }
                // The next event starts from what this one has made of the command.
                guard !changed.contains(record.id) else {
                    deferred.append(index)
                    continue
                }
                guard let transition = record.state.after(entry.event, at: now) else {
                    decisions[index] = .unchanged(record)
                    continue
                }
                changed.insert(record.id)
                changes.append((index, CommandChange(record, transition, at: now)))
            }
            let written = try await commit(changes.map(\.change), at: now)
            for (index, change) in changes {
                if written.contains(change.record.id) {
                    decisions[index] = .applied(change.next)
                } else {
                    deferred.append(index)
                }
            }
            open = deferred.sorted()
        }
        guard open.isEmpty else { throw LedgerError.contended }
        return decisions.map { $0! }
    }

    /// Applies `event` to commands that were just read, and leaves alone those that have changed since.
    func apply(_ event: CommandState.Event, to records: [CommandRecord]) async throws {
        let now = Timestamp.now()
        let changes = records.compactMap { record in
            record.state.after(event, at: now).map { CommandChange(record, $0, at: now) }
        }
        _ = try await commit(changes, at: now)
    }

    private func commit(_ changes: [CommandChange], at now: Timestamp) async throws -> Set<CommandID> {
        guard !changes.isEmpty else { return [] }
        let written = try await store.commit(changes, at: now)
        guard !written.isEmpty else { return [] }
        onCommitted()
        for change in changes where written.contains(change.record.id) {
            let (before, after) = (change.record.state, change.next.state)
            if before.finishedAt == nil, after.finishedAt != nil { onFinished(change.next) }
            if before.resolvedAt == nil, after.resolvedAt != nil { onResolved(change.next) }
            if before.status == .sent, after.finishedAt != nil || change.isToBeSentAgain {
                onLaneFree(change.record.deviceId)
            }
        }
        return written
    }
}

enum LedgerError: Error { case contended }
