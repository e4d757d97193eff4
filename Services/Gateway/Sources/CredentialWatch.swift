import EventLoop
import Models
import Postgres

/// Closes the sockets whose credential or device has ceased to exist, within 5 seconds.
@Loop struct CredentialWatch {
    static let interval = Duration.seconds(4)

    let store: GatewayStore
    let sockets: DeviceSockets

    /// A device that was deleted while it is at work keeps its socket until it is done, at the longest for as long as its
    /// command may run: paper that is coming out is still reported.
    func look(at device: DeviceID) async throws(PostgresError) {
        guard let session = sockets.newestSession(of: device), !session.isAtWork else { return }
        let gone = try await store.gone(credentials: [], devices: [device.rawValue])
        if !gone.devices.isEmpty { session.close(.deviceDeleted) }
    }

    func check() async throws(PostgresError) {
        let sessions = sockets.sessions
        guard !sessions.isEmpty else { return }
        let gone = try await store.gone(
            credentials: Array(Set(sessions.map(\.caller.credentialId))),
            devices: Array(Set(sessions.map(\.snapshot.deviceId.rawValue))))
        guard !gone.credentials.isEmpty || !gone.devices.isEmpty else { return }
        for session in sessions {
            if gone.devices.contains(session.snapshot.deviceId.rawValue), !session.isAtWork {
                session.close(.deviceDeleted)
            } else if gone.credentials.contains(session.caller.credentialId) {
                session.close(.credentialRefused)
            }
        }
    }
}
