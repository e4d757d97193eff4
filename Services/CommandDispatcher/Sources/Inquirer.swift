import Bus
import EventLoop
import Models
import ServiceRuntime

/// Asks devices for the outcome of commands whose answer is missing.
@Loop final class Inquirer {
    private static let deadline = Duration.seconds(4)
    /// Ids in one frame, far below the 256 KiB that a frame may have.
    static let mostIds = 500

    private let store: CommandStore
    private let bus: Bus
    private let presence: Presence

    init(store: CommandStore, bus: Bus, presence: Presence) {
        self.store = store
        self.bus = bus
        self.presence = presence
    }

    /// Asks `device` if it is there; if not, it is asked when it connects.
    func ask(_ device: DeviceID, about ids: [CommandID]) {
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            do {
                guard let holder = try await presence.holders(of: [device])[device] else { return }
                await ask(device, about: ids, in: holder.session, at: holder.instance)
            } catch {
                Log.warning("query not sent", ["device": device.rawValue, "error": "\(error)"])
            }
        }
    }

    /// Asks a device that has just connected for everything that earlier sessions have left open.
    func askAboutEarlierSessions(_ device: DeviceID, session: String, instance: String) async throws {
        let ids = try await store.unknown(of: device, before: session, limit: Self.mostIds)
        if !ids.isEmpty { await ask(device, about: ids, in: session, at: instance) }
    }

    private func ask(_ device: DeviceID, about ids: [CommandID], in session: String, at instance: String) async {
        let message = QueryJournal(deviceId: device, session: session, commandIds: ids)
        do {
            _ = try await bus.call(
                message, to: .instance(instance), deadline: Self.deadline, requestId: ids[0].rawValue)
        } catch {
            // Asked again by the sweep, or when the device is back.
            Log.info("query not sent", ["device": device.rawValue, "error": "\(error)"])
        }
    }
}
