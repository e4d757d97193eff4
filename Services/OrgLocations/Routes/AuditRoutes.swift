import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let audit = Endpoint<AuditFilter, ListPage<AuditEntry>>(
        "audit.list", .orgLocations, .get, "/api/v1/org/audit", summary: "Who changed what and when, newest first",
        notes: """
            Every change of the organization, its plan, its locations, devices, members and keys. Commands, receipts \
            and sign-ins are not in it: they are records of their own.
            """,
        access: .administrator, query: AuditFilter.fields, success: .ok(ListPage<AuditEntry>.schema))
}

package struct AuditFilter: Decodable, Sendable {
    package let limit: Int
    package let cursor: String?

    static let fields: [Field] = [
        .optional("limit", .integer(1...100), default: 50),
        .optional("cursor", Schema.string(1...256).described("The nextCursor of the page before this one.")),
    ]
}

package struct AuditEntry: ListEntry {
    package static var listName: String { "entries" }
    package static var pageName: String { "AuditPage" }

    package let id: String
    package let actorId: String
    package let actorName: String?
    package let action: String
    package let subjectId: String
    package let data: JSON
    package let requestId: String
    package let createdAt: Timestamp

    package init(
        id: String, actorId: String, actorName: String?, action: String, subjectId: String, data: JSON,
        requestId: String, createdAt: Timestamp
    ) {
        self.id = id
        self.actorId = actorId
        self.actorName = actorName
        self.action = action
        self.subjectId = subjectId
        self.data = data
        self.requestId = requestId
        self.createdAt = createdAt
    }

    private enum CodingKeys: String, CodingKey {
        case id, actorId, actorName, action, subjectId, data, requestId, createdAt
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(actorId, forKey: .actorId)
        try container.encode(actorName, forKey: .actorName)
        try container.encode(action, forKey: .action)
        try container.encode(subjectId, forKey: .subjectId)
        try container.encode(data, forKey: .data)
        try container.encode(requestId, forKey: .requestId)
        try container.encode(createdAt, forKey: .createdAt)
    }

    package static let schema = Schema.object([
        .required("id", .string),
        .required("actorId", Schema.string.described("The member or the API key that made the change, or `stripe`.")),
        .required(
            "actorName",
            Schema.string.orNull.described("The member's address or the key's label, the last one of who is gone.")),
        .required("action", Schema.string.described("What was done.", example: "location.update")),
        .required("subjectId", Schema.string.described("What it was done to.")),
        .required("data", Schema.freeFormObject.described("What it was changed to.")),
        .required("requestId", .string), .required("createdAt", Timestamp.schema),
    ]).named("AuditEntry").illustrated(by: [
        "id": "aud_6f0d1f6c2a9b4f0e8c1d5a7b3e9f2c4d", "actorId": "usr_abc123", "actorName": "owner@acme.example",
        "action": "location.update",
        "subjectId": "loc_warehouse", "data": ["name": "Depozit Pipera (etaj 2)"], "requestId": "checkout-4711",
        "createdAt": "2026-04-09T08:10:00.000Z",
    ])
}
