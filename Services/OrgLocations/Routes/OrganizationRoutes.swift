import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let organization = Endpoint<NoInput, Organization>(
        "org.get", .orgLocations, .get, "/api/v1/org", summary: "The caller's organization", access: .user,
        success: .ok(Organization.schema), errors: [.noSuchOrganization])

    package static let updateOrganization = Endpoint<OrganizationChange, Organization>(
        "org.update", .orgLocations, .patch, "/api/v1/org", summary: "Changes the name or the billing address",
        notes: "A billing address replaces the previous one as a whole.", access: .administrator,
        body: OrganizationChange.schema, success: .ok(Organization.schema), errors: [.noSuchOrganization])
}

/// What of an organization its administrators may change; at least one member is there.
package struct OrganizationChange: Codable, Sendable {
    package let name: String?
    package let billingAddress: BillingAddress?

    static let schema = Schema.object(
        [.optional("name", .string(1...255)), .optional("billingAddress", BillingAddress.schema)],
        rules: [.atLeastOne(of: ["name", "billingAddress"])]
    ).named("OrganizationChange").illustrated(by: [
        "name": "Acme Corp SRL", "billingAddress": BillingAddress.schema.example ?? [:],
    ])
}
