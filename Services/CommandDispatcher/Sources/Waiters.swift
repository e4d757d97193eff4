import EventLoop
import Models

/// The live routes of this process that wait for a command to end.
@Loop final class Waiters {
    struct TooLate: Error {}

    private var promises: [CommandID: Promise<CommandRecord, TooLate>] = [:]

    var ids: Set<CommandID> { Set(promises.keys) }

    /// Remembers whatever end `id` comes to from now on, until ``forget(_:)``.
    func expect(_ id: CommandID, until deadline: LoopInstant) -> Promise<CommandRecord, TooLate> {
        let promise = Promise<CommandRecord, TooLate>(deadline: deadline, failure: TooLate())
        promises[id] = promise
        return promise
    }

    func forget(_ id: CommandID) { promises[id] = nil }

    /// False when nobody waits here.
    @discardableResult
    func ended(_ record: CommandRecord) -> Bool { promises[record.id]?.succeed(record) ?? false }
}
