import EventLoop
import Models

/// The live routes of this process that wait for a command to end.
@Loop final class Waiters {
    /// Why no end is awaited any longer.
    enum Disappointment: Error {
        case tooLate
        /// The socket closed before the command was on it: the command waits in the queue again.
        case notDelivered
    }

    private var promises: [CommandID: Promise<CommandRecord, Disappointment>] = [:]

    var ids: Set<CommandID> { Set(promises.keys) }

    /// Remembers whatever end `id` comes to from now on, until ``forget(_:)``.
    func expect(_ id: CommandID, until deadline: LoopInstant) -> Promise<CommandRecord, Disappointment> {
        let promise = Promise<CommandRecord, Disappointment>(deadline: deadline, failure: .tooLate)
        promises[id] = promise
        return promise
    }

    func forget(_ id: CommandID) { promises[id] = nil }

    func notDelivered(_ id: CommandID) { promises[id]?.fail(.notDelivered) }

    /// False when nobody waits here.
    @discardableResult
    func ended(_ record: CommandRecord) -> Bool { promises[record.id]?.succeed(record) ?? false }
}
