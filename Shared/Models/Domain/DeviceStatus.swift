/// The state of a device as the outside sees it.
package enum DeviceStatus: String, Codable, Sendable, CaseIterable {
    /// Its socket is up.
    case online
    /// It has no socket.
    case offline
    /// It is executing a command.
    case busy
    /// Its socket is up and it reports a fault.
    case error
}
