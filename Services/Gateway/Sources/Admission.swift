import Bus
import Crypto
import Endpoints
import EventLoop
import Models
import Postgres
import Redis
import ServiceRuntime

/// A handshake that was found to be a known device's, with the device taken for its new socket.
struct Admission {
    let snapshot: DeviceSnapshot
    let before: StateChange.Announced
}

/// Decides who gets a socket: the device must be the caller's, and not be fought over.
@Loop struct Doorkeeper {
    let store: GatewayStore
    let presence: Presence
    let bus: Bus
    let sockets: DeviceSockets

    func admit(_ handshake: Handshake) async throws(APIError) -> Admission {
        let known = try await knownDevice(handshake)
        let now = Timestamp.now()
        var flags = known.before.flags
        flags.fault = nil
        let snapshot = DeviceSnapshot(
            deviceId: handshake.deviceId, orgId: handshake.caller.orgId, epoch: known.epoch,
            session: Random.identifier(prefix: "ses"), instance: sockets.instance, app: handshake.app,
            connectedAt: now, lastSeen: now, flags: flags)
        try await claim(snapshot)
        return Admission(snapshot: snapshot, before: known.before)
    }

    private func knownDevice(_ handshake: Handshake) async throws(APIError) -> KnownDevice {
        let known: KnownDevice?
        do {
            known = try await store.admit(handshake.deviceId, of: handshake.caller.orgId)
        } catch {
            Log.warning("a handshake found no database", ["error": "\(error)"])
            throw .unavailable("The service is temporarily unavailable", retryAfter: 1)
        }
        guard let known else { throw .notFound("Device not found") }
        return known
    }

    private func claim(_ snapshot: DeviceSnapshot) async throws(APIError) {
        let claim: PresenceClaim
        do {
            claim = try await presence.claim(snapshot.deviceId, for: snapshot.holder)
        } catch {
            Log.warning("a handshake found no Redis", ["error": "\(error)"])
            throw .unavailable("The service is temporarily unavailable", retryAfter: 1)
        }
        switch claim {
        case .damped(let retryAfter):
            throw .rateLimited(retryAfter: Int((retryAfter.milliseconds + 999) / 1000))
        case .superseded:
            throw .unavailable("A newer connection of this device is open", retryAfter: 1)
        case .claimed(let previous):
            if let previous, previous.instance != sockets.instance { evict(snapshot.deviceId, previous) }
        }
    }

    /// A gateway that does not hear of it notices when it renews its presence.
    private func evict(_ device: DeviceID, _ holder: PresenceHolder) {
        let message = EvictSession(deviceId: device, session: holder.session)
        Task.immediate { @Loop in
            _ = try? await bus.call(
                message, to: .instance(holder.instance), deadline: .seconds(2), requestId: holder.session)
        }
    }
}

extension DeviceSnapshot {
    var holder: PresenceHolder { PresenceHolder(instance: instance, session: session, epoch: epoch) }
}
