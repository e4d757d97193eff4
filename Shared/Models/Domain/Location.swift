import JSON

/// A place of business as the API shows it.
package struct Location: Codable, Sendable, Hashable {
    /// The id, `loc_…`.
    package let id: LocationID
    /// What people call it.
    package let name: String
    /// Its postal address.
    package let address: String
    /// Whose it is.
    package let orgId: OrgID
    /// When it was added.
    package let createdAt: Timestamp
    /// When it was last changed.
    package let updatedAt: Timestamp

    /// All members.
    package init(
        id: LocationID, name: String, address: String, orgId: OrgID, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.address = address
        self.orgId = orgId
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What the JSON looks like.
    package static let schema = Schema.object([
        .required("id", LocationID.schema), .required("name", .string), .required("address", .string),
        .required("orgId", OrgID.schema), .required("createdAt", Timestamp.schema),
        .required("updatedAt", Timestamp.schema),
    ]).named("Location").illustrated(by: [
        "id": "loc_warehouse", "name": "Depozit Pipera", "address": "Bd. Pipera 21, Voluntari", "orgId": "acme_corp",
        "createdAt": "2026-04-09T08:10:00.000Z", "updatedAt": "2026-04-09T08:10:00.000Z",
    ])
}
