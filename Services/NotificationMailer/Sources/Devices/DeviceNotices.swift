import Bus
import Models

enum DeviceNotices {
    /// A device that is back within this time has not been away.
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

    static func deleted(_ event: OutboxEvent) throws -> Notice {
        .deviceDeleted(try event.data.decode(DeviceDeleted.self).deviceId, of: event.orgId)
    }
}
