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
    /// Who held the device until now, if that was another gateway, which is still there.
    let previous: PresenceHolder?
}

/// Decides who gets a socket: the device must be the caller's, and not be fought over.
@Loop struct Doorkeeper {
    let devices: DeviceLookups
    let presence: Presence
    let sockets: DeviceSockets

    func admit(_ handshake: Handshake) async throws(APIError) -> Admission {
        let known = try await knownDevice(handshake)
        let now = Timestamp.now()
        var flags = known.flags
        flags.fault = nil
        let snapshot = DeviceSnapshot(
            deviceId: handshake.deviceId, orgId: handshake.caller.orgId, epoch: known.epoch,
            session: SessionName.make(epoch: known.epoch), instance: sockets.instance, app: handshake.app,
            connectedAt: now, lastSeen: now, flags: flags)
        let previous = try await claim(snapshot)
        sockets.expect(snapshot)
        return Admission(snapshot: snapshot, previous: previous)
    }

    private func knownDevice(_ handshake: Handshake) async throws(APIError) -> KnownDevice {
        let known: KnownDevice?
        do {
            known = try await devices.find(handshake.deviceId, of: handshake.caller.orgId)
        } catch {
            Log.warning("a handshake found no database", ["error": "\(error)"])
            throw .unavailable("The service is temporarily unavailable", retryAfter: 1)
        }
        guard let known else { throw .noSuchDevice }
        return known
    }

    private func claim(_ snapshot: DeviceSnapshot) async throws(APIError) -> PresenceHolder? {
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
            return previous.flatMap { $0.instance == sockets.instance ? nil : $0 }
        }
    }
}

extension DeviceSnapshot {
    var holder: PresenceHolder { PresenceHolder(instance: instance, session: session, epoch: epoch) }
}
