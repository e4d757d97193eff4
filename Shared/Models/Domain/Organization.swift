import JSON

/// An organization as the API shows it to its members.
package struct Organization: Codable, Sendable, Hashable {
    /// The slug.
    package let id: OrgID
    /// The registered name.
    package let name: String
    /// The fiscal code.
    package let cui: String
    /// Where invoices go; nil when nobody has said.
    package let billingAddress: BillingAddress?
    /// What it pays for now.
    package let plan: Plan
    /// When it signed up.
    package let createdAt: Timestamp
    /// When its record was last changed.
    package let updatedAt: Timestamp

    /// All members.
    package init(
        id: OrgID, name: String, cui: String, billingAddress: BillingAddress?, plan: Plan, createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.cui = cui
        self.billingAddress = billingAddress
        self.plan = plan
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// What the JSON looks like.
    package static let schema = Schema.object([
        .required("id", OrgID.schema), .required("name", .string), .required("cui", .string),
        .optional("billingAddress", BillingAddress.schema), .required("plan", .oneOf(Plan.self)),
        .required("createdAt", Timestamp.schema), .required("updatedAt", Timestamp.schema),
    ]).named("Organization").illustrated(by: [
        "id": "acme_corp", "name": "Acme Corp SRL", "cui": "RO12345678",
        "billingAddress": BillingAddress.schema.example ?? nil, "plan": "pro",
        "createdAt": "2025-09-01T08:00:00.000Z", "updatedAt": "2026-04-01T12:30:00.000Z",
    ])
}

/// Where an organization's invoices go; every part may be missing.
package struct BillingAddress: Codable, Sendable, Hashable {
    /// At most 100 characters.
    package let country: String?
    /// At most 100 characters.
    package let county: String?
    /// At most 100 characters.
    package let city: String?
    /// At most 300 characters.
    package let street: String?
    /// At most 20 characters.
    package let postalCode: String?

    /// What the JSON looks like.
    package static let schema = Schema.object([
        .optional("country", .string(max: 100)), .optional("county", .string(max: 100)),
        .optional("city", .string(max: 100)), .optional("street", .string(max: 300)),
        .optional("postalCode", .string(max: 20)),
    ]).named("BillingAddress").illustrated(by: [
        "country": "Romania", "county": "București", "city": "București", "street": "Str. Lipscani 12, ap. 4",
        "postalCode": "030031",
    ])
}
