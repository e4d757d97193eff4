import EventLoop
import Models
import Postgres

/// Closes the sockets whose credential or device has ceased to exist, or whose credential permits something else than
/// before, within 5 seconds: at once where word comes, and for words that are lost it looks at all of them again and
/// again.
@Loop struct CredentialWatch {
    static let interval = Duration.seconds(4)

    let store: GatewayStore
    let sockets: DeviceSockets
    let events: EventSockets

    /// Looks at one device of which word has come.
    func look(at device: DeviceID) async throws(PostgresError) {
        guard let session = sockets.newestSession(of: device) else { return }
        let gone = try await store.gone(standings: [], devices: [device.rawValue])
        if !gone.devices.isEmpty { session.part(.deviceDeleted) }
    }

    func check() async throws(PostgresError) { try await check(sockets.sessions, events.sessions) }

    /// Looks at the sockets of an organization of which word has come.
    func check(_ organization: OrgID) async throws(PostgresError) {
        try await check(
            sockets.sessions.filter { $0.caller.orgId == organization },
            events.sessions.filter { $0.caller.orgId == organization })
    }

    private func check(_ sessions: [DeviceSession], _ listeners: [EventSession]) async throws(PostgresError) {
        guard !sessions.isEmpty || !listeners.isEmpty else { return }
        let gone = try await store.gone(
            standings: Set(sessions.map { Standing($0.caller) } + listeners.map { Standing($0.caller) }),
            devices: Set(sessions.map(\.snapshot.deviceId.rawValue)))
        guard !gone.standings.isEmpty || !gone.devices.isEmpty else { return }
        for listener in listeners where gone.standings.contains(Standing(listener.caller)) {
            listener.close(.credentialRefused)
        }
        for session in sessions {
            if gone.devices.contains(session.snapshot.deviceId.rawValue) {
                session.part(.deviceDeleted)
            } else if gone.standings.contains(Standing(session.caller)) {
                session.close(.credentialRefused)
            }
        }
    }
}
