import Bus
import Models

enum DeviceNotices {
    /// A device that is back within this time has not been away, and one that works again had no fault.
    static let patience = Duration.seconds(5 * 60)

    /// Working and waiting for work are the same to those who only want to know whether it is there.
    static func statusChanged(_ event: OutboxEvent) throws -> Notice {
        let change = try event.data.decode(DeviceStatusChanged.self)
        let topic = Topic(orgId: event.orgId, deviceId: change.deviceId, word: "offline")
        guard change.status == .offline else {
            return .cleared(ClearedCondition(topic: topic, kind: .deviceBack, event: event))
        }
        return .raised(
            RaisedCondition(
                topic: topic, kind: .deviceOffline, event: event, dueAt: change.timestamp + patience))
    }

    /// Paper and covers are alerts; a fault is whatever else keeps the register from working.
    static func flagsReported(_ event: OutboxEvent) throws -> Notice {
        let flags = try event.data.decode(DeviceFlagsReported.self)
        let topic = Topic(orgId: event.orgId, deviceId: flags.deviceId, word: "fault")
        guard flags.fault != nil else {
            return .cleared(ClearedCondition(topic: topic, kind: .deviceRecovered, event: event))
        }
        return .raised(
            RaisedCondition(topic: topic, kind: .deviceFaulty, event: event, dueAt: flags.timestamp + patience))
    }

    static func deleted(_ event: OutboxEvent) throws -> Notice {
        .deviceDeleted(try event.data.decode(DeviceDeleted.self).deviceId, of: event.orgId)
    }
}
