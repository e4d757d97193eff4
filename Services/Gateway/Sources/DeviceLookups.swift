import EventLoop
import Models
import Postgres

/// Looks devices up for their handshakes. One question is asked at a time, and who comes meanwhile shares the next: a
/// thousand devices that come back at once cost some dozens of questions.
@Loop final class DeviceLookups {
    static let mostInABatch = 500
    /// A handshake that has waited for so long is not waited for any more.
    static let patience = Duration.seconds(5)

    private struct Waiting {
        let device: DeviceID
        let organization: OrgID
        let promise: Promise<KnownDevice?, PostgresError>
    }

    private let store: GatewayStore
    private var waiting: [Waiting] = []
    private var isAsking = false

    init(store: GatewayStore) { self.store = store }

    /// The device of this organization; nil when there is none.
    func find(_ device: DeviceID, of organization: OrgID) async throws(PostgresError) -> KnownDevice? {
        let promise = Promise<KnownDevice?, PostgresError>(deadline: .current + Self.patience, failure: .deadline)
        waiting.append(Waiting(device: device, organization: organization, promise: promise))
        if !isAsking {
            isAsking = true
            Loop.atEndOfTurn {
                Task.immediate(executorPreference: Loop.executor) { @Loop in await self.askAll() }
            }
        }
        return try await promise.value()
    }

    private func askAll() async {
        while !waiting.isEmpty {
            let batch = waiting.prefix(Self.mostInABatch).filter { !$0.promise.isSettled }
            waiting.removeFirst(min(waiting.count, Self.mostInABatch))
            do throws(PostgresError) {
                let known = try await store.admit(batch.map { ($0.device, $0.organization) })
                for (entry, device) in zip(batch, known) { entry.promise.succeed(device) }
            } catch {
                for entry in batch { entry.promise.fail(error) }
            }
        }
        isAsking = false
    }
}
