import JSON
import Models
import Postgres

/// Something that has happened to an organization, as it stands in the outbox.
package struct OutboxEvent: Sendable, Hashable {
    /// The id that clients see and resume from.
    package let id: EventID
    /// Whose event it is.
    package let orgId: OrgID
    /// The type's wire name, for example `device.claimed`.
    package let type: String
    /// The request that caused it, for the log.
    package let requestId: String?
    /// When it happened.
    package let createdAt: Timestamp
    /// The type's data.
    package let data: JSON

    /// All members.
    package init(
        id: EventID, orgId: OrgID, type: String, requestId: String? = nil, createdAt: Timestamp, data: JSON
    ) {
        self.id = id
        self.orgId = orgId
        self.type = type
        self.requestId = requestId
        self.createdAt = createdAt
        self.data = data
    }

    /// Reads the columns of `bus.outbox`.
    /// - Throws: ``PostgresError`` when one is missing or of another type.
    package init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.value("event_id")
        orgId = try row.value("org_id")
        type = try row.string("type")
        requestId = try row.optional("request_id")
        createdAt = try row.timestamp("created_at")
        data = try row.json("data")
    }
}
