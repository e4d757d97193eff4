import Crypto
import JSON
import Models

/// A device's newest state, with the events that follow if it differs from what is written of the device.
struct StateChange {
    let snapshot: DeviceSnapshot

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

    func events(at now: Timestamp) throws -> [JSON] {
        let flags = snapshot.flags
        let status = DeviceStatusChanged(deviceId: snapshot.deviceId, status: snapshot.status, timestamp: now)
        let reported = DeviceFlagsReported(
            deviceId: snapshot.deviceId, paperEnd: flags.paperEndSince != nil,
            paperNearEnd: flags.paperNearEndSince != nil, coverOpen: flags.coverOpenSince != nil,
            fiscalMemoryAlmostFull: flags.fiscalMemoryAlmostFullSince != nil, fault: flags.fault, timestamp: now)
        return [
            try eventRow(status, of: snapshot, at: now, when: .statusChanges),
            try eventRow(reported, of: snapshot, at: now, when: .flagsChange),
        ]
    }
}

/// A line of a device's connection history.
struct ConnectionEvent {
    struct Closure {
        let code: Int
        let reason: String
    }

    let snapshot: DeviceSnapshot
    let at: Timestamp
    let closure: Closure?

    var row: JSON {
        [
            "org_id": .string(snapshot.orgId.rawValue), "device_id": .string(snapshot.deviceId.rawValue),
            "type": closure == nil ? "connected" : "disconnected", "at": .string(at.description),
            "app_version": .string(snapshot.app.appVersion), "device_model": .string(snapshot.app.deviceModel),
            "os_version": .string(snapshot.app.osVersion), "code": closure.map { .number($0.code) } ?? .null,
            "reason": .string(closure?.reason),
        ]
    }

    func event() throws -> JSON {
        guard let closure else {
            let data = AppConnected(
                deviceId: snapshot.deviceId, appVersion: snapshot.app.appVersion,
                deviceModel: snapshot.app.deviceModel, osVersion: snapshot.app.osVersion)
            return try eventRow(data, of: snapshot, at: at, when: .always)
        }
        let data = AppDisconnected(deviceId: snapshot.deviceId, code: closure.code, reason: closure.reason)
        return try eventRow(data, of: snapshot, at: at, when: .always)
    }
}

/// On what an event depends; the statement that writes the state decides, since only it sees the state before.
private enum EventCondition: String {
    case always
    case statusChanges = "status"
    case flagsChange = "flags"
}

private func eventRow<Data: EventData>(
    _ data: Data, of snapshot: DeviceSnapshot, at now: Timestamp, when condition: EventCondition
) throws -> JSON {
    [
        "event_id": .string(Random.identifier(prefix: "evt")), "org_id": .string(snapshot.orgId.rawValue),
        "device_id": .string(snapshot.deviceId.rawValue), "type": .string(Data.type.rawValue),
        "created_at": .string(now.description), "data": try JSON(encoding: data),
        "condition": .string(condition.rawValue),
    ]
}
