import Bus
import Models

enum AlertNotices {
    static func changed(_ event: OutboxEvent) throws -> Notice {
        let change = try event.data.decode(DeviceAlertChanged.self)
        let topic = Topic(orgId: event.orgId, deviceId: change.deviceId, word: change.alert.type.rawValue)
        return switch change.state {
        case .raised:
            .raised(
                RaisedCondition(
                    topic: topic, kind: .alertRaised, event: event, dueAt: event.createdAt,
                    since: change.alert.detectedAt))
        case .cleared: .cleared(ClearedCondition(topic: topic, kind: .alertCleared, event: event))
        }
    }
}
