/// A service's login role and the schema that is its own.
struct Role {
    let name: String
    let schema: String

    static let all = [
        Role(name: "ebon_org", schema: "org"),
        Role(name: "ebon_billing", schema: "billing"),
        Role(name: "ebon_gateway", schema: "gateway"),
        Role(name: "ebon_dispatch", schema: "dispatch"),
        Role(name: "ebon_alerts", schema: "alerts"),
        Role(name: "ebon_mailer", schema: "mailer"),
    ]

    /// For example `DATABASE_PASSWORD_ORG`.
    var passwordVariable: String { "DATABASE_PASSWORD_\(schema.uppercased())" }
}
