import Bus
import Crypto
import JSON
import Models

/// A transition on its way to everybody who listens.
struct Announcement {
    let change: DeviceAlertChanged
    let orgId: OrgID
    /// The request that brought it about, if one did.
    let requestId: String?

    func event(at now: Timestamp) throws -> OutboxEvent {
        OutboxEvent(
            id: EventID(Random.identifier(prefix: "evt")), orgId: orgId, type: DeviceAlertChanged.type.rawValue,
            requestId: requestId, createdAt: now, data: try JSON(encoding: change))
    }
}
