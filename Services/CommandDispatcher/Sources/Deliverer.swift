import Bus
import EventLoop
import Models
import ServiceRuntime

/// Brings commands to the devices that are there: finds who holds the socket, claims, sends.
///
/// One claim runs at a time; what comes meanwhile makes the next batch.
@Loop final class Deliverer {
    /// Counted from the claim; shorter than ``CommandState/deliverySettled``. The gateway refuses what comes later.
    private static let deadline = Duration.seconds(4)
    private static let mostInABatch = 200

    /// Hears of commands that are back in the queue because the socket had just closed.
    var onNotDelivered: @Loop (CommandID) -> Void = { _ in }

    private let store: CommandStore
    private let ledger: CommandLedger
    private let bus: Bus
    private let presence: Presence
    /// Devices to serve, each with the session that has just refused, if one has.
    private var waiting: [DeviceID: String?] = [:]
    private var isClaiming = false

    init(store: CommandStore, ledger: CommandLedger, bus: Bus, presence: Presence) {
        self.store = store
        self.ledger = ledger
        self.bus = bus
        self.presence = presence
    }

    /// Serves `device` as soon as this turn of the loop is over.
    func serve(_ device: DeviceID, unlessIn refusing: String? = nil) {
        waiting[device] = .some(refusing)
        guard !isClaiming else { return }
        isClaiming = true
        Loop.atEndOfTurn { Task.immediate(executorPreference: Loop.executor) { @Loop in await self.claimAll() } }
    }

    /// Who holds the sockets of those devices that can be reached now: a gateway that has died is still on record.
    func holders(of devices: [DeviceID]) async throws -> [DeviceID: PresenceHolder] {
        let alive = Set(bus.instances(of: .gateway).map(\.id))
        return try await presence.holders(of: devices).filter { alive.contains($0.value.instance) }
    }

    private func claimAll() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.mostInABatch))
            for (device, _) in batch { waiting[device] = nil }
            await claim(batch)
        }
        isClaiming = false
    }

    private func claim(_ batch: [(key: DeviceID, value: String?)]) async {
        do {
            let holders = try await holders(of: batch.map(\.key))
            let present = batch.compactMap { device, refusing -> (id: DeviceID, session: String)? in
                guard let holder = holders[device], holder.session != refusing else { return nil }
                return (device, holder.session)
            }
            guard !present.isEmpty else { return }
            let deliverBefore = bus.time + Self.deadline
            for record in try await store.claim(present, at: bus.time) {
                guard let holder = holders[record.deviceId] else { continue }
                Task.immediate(executorPreference: Loop.executor) { @Loop in
                    await self.deliver(record, to: holder.instance, before: deliverBefore)
                }
            }
        } catch {
            // The sweep comes back to all of them.
            Log.warning("claim failed", ["error": "\(error)"])
        }
    }

    private func deliver(_ record: CommandRecord, to instance: String, before deliverBefore: Timestamp) async {
        guard let session = record.state.session else { return }
        // A process that was stopped since the claim must not send what others have given up meanwhile.
        let remaining = deliverBefore - bus.time
        guard remaining > .zero else { return await withdraw(record) }
        let message = DeliverCommand(
            deviceId: record.deviceId, session: session, commandId: record.id, type: record.type.rawValue,
            payload: record.payload, expiresAt: record.state.expiresAt, deliverBefore: deliverBefore)
        do {
            let reply = try await bus.call(
                message, to: .instance(instance), deadline: remaining, requestId: record.requestId)
            if reply.outcome == .notDelivered { await withdraw(record) }
        } catch BusError.notDelivered {
            await withdraw(record)
        } catch {
            // It may have arrived. The device is asked.
            Log.warning(
                "no word about a delivery", ["command": record.id.rawValue, "error": "\(error)"],
                requestId: record.requestId)
        }
    }

    private func withdraw(_ record: CommandRecord) async {
        do {
            try await ledger.apply(.notDelivered, to: [record])
            onNotDelivered(record.id)
            serve(record.deviceId, unlessIn: record.state.session)
        } catch {
            Log.warning(
                "withdrawal failed", ["command": record.id.rawValue, "error": "\(error)"],
                requestId: record.requestId)
        }
    }
}
