import Crypto
import JSON
import Models

/// What has happened to one device since it was last written: its newest state, and the sockets that came and went.
struct DeviceChange {
    static let mostConnections = ConnectionHistory.length

    var snapshot: DeviceSnapshot
    /// In the order in which they happened: a socket's end comes before the next one's beginning.
    private(set) var connections: [ConnectionEvent] = []

    init(_ snapshot: DeviceSnapshot) { self.snapshot = snapshot }

    /// Of more than can be remembered of a device the oldest whole connection is left out.
    mutating func append(_ event: ConnectionEvent) {
        connections.append(event)
        guard connections.count > Self.mostConnections else { return }
        let oldest = connections[0].closure == nil ? 0 : 1
        connections.removeSubrange(oldest...(oldest + 1))
    }

    /// What could not be written goes before what has happened since.
    func followed(by later: DeviceChange?) -> DeviceChange {
        guard let later else { return self }
        var all = self
        if later.snapshot.epoch >= snapshot.epoch { all.snapshot = later.snapshot }
        for event in later.connections { all.append(event) }
        return all
    }

    var row: JSON {
        let flags = snapshot.flags
        return [
            "device_id": .string(snapshot.deviceId.rawValue), "org_id": .string(snapshot.orgId.rawValue),
            "epoch": .number(snapshot.epoch), "session": .string(snapshot.session),
            "instance": .string(snapshot.instance), "connected": .bool(snapshot.connected),
            "busy": .bool(snapshot.busy), "connected_at": .string(snapshot.connectedAt.description),
            "last_seen": .string(snapshot.lastSeen.description), "app_version": .string(snapshot.app.appVersion),
            "device_model": .string(snapshot.app.deviceModel), "os_version": .string(snapshot.app.osVersion),
            "paper_end_since": .string(flags.paperEndSince?.description),
            "paper_near_end_since": .string(flags.paperNearEndSince?.description),
            "cover_open_since": .string(flags.coverOpenSince?.description),
            "fiscal_memory_almost_full_since": .string(flags.fiscalMemoryAlmostFullSince?.description),
            "fault": .string(flags.fault),
        ]
    }

    /// What follows if the state differs from what is written; the statement decides, since only it sees the state before.
    func conditionalEvents(at now: Timestamp) throws -> [JSON] {
        let flags = snapshot.flags
        let status = DeviceStatusChanged(deviceId: snapshot.deviceId, status: snapshot.status, timestamp: now)
        let reported = DeviceFlagsReported(
            deviceId: snapshot.deviceId, paperEnd: flags.paperEndSince != nil,
            paperNearEnd: flags.paperNearEndSince != nil, coverOpen: flags.coverOpenSince != nil,
            fiscalMemoryAlmostFull: flags.fiscalMemoryAlmostFullSince != nil, fault: flags.fault, timestamp: now)
        return [
            try eventRow(status, of: snapshot, at: now, ["condition": "status"]),
            try eventRow(reported, of: snapshot, at: now, ["condition": "flags"]),
        ]
    }
}

/// A socket's beginning or end, as a line of its device's history and as an event.
struct ConnectionEvent {
    struct Closure {
        let code: Int
        let reason: String
    }

    let snapshot: DeviceSnapshot
    let at: Timestamp
    /// Nil for a beginning.
    let closure: Closure?
    /// With a beginning: what ended the socket before, if nobody has said so yet.
    var ending = Closure(code: 1006, reason: "connection lost")

    /// - Parameter position: in the batch.
    func row(at position: Int) throws -> JSON {
        let line: JSONObject = [
            "type": closure == nil ? "connected" : "disconnected", "epoch": .number(snapshot.epoch),
            "app_version": .string(snapshot.app.appVersion), "device_model": .string(snapshot.app.deviceModel),
            "os_version": .string(snapshot.app.osVersion), "code": closure.map { .number($0.code) } ?? .null,
            "reason": .string(closure?.reason), "ending_code": .number(ending.code),
            "ending_reason": .string(ending.reason), "position": .number(position),
        ]
        guard let closure else {
            let data = AppConnected(
                deviceId: snapshot.deviceId, appVersion: snapshot.app.appVersion,
                deviceModel: snapshot.app.deviceModel, osVersion: snapshot.app.osVersion)
            return try eventRow(data, of: snapshot, at: at, line)
        }
        let data = AppDisconnected(deviceId: snapshot.deviceId, code: closure.code, reason: closure.reason)
        return try eventRow(data, of: snapshot, at: at, line)
    }
}

private func eventRow<Data: EventData>(
    _ data: Data, of snapshot: DeviceSnapshot, at now: Timestamp, _ particular: JSONObject
) throws -> JSON {
    var row = particular
    row["event_id"] = .string(Random.identifier(prefix: "evt"))
    row["org_id"] = .string(snapshot.orgId.rawValue)
    row["device_id"] = .string(snapshot.deviceId.rawValue)
    row["event"] = .string(Data.type.rawValue)
    row["at"] = .string(now.description)
    row["data"] = try JSON(encoding: data)
    return .object(row)
}
