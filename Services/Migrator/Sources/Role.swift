/// A service's login role and the schema that is its own.
struct Role {
    let name: String
    let schema: String
    private(set) var isToUseIndexes = false

    static let all = [
        Role(name: "ebon_org", schema: "org"),
        Role(name: "ebon_billing", schema: "billing"),
        Role(name: "ebon_gateway", schema: "gateway"),
        Role(name: "ebon_dispatch", schema: "dispatch", isToUseIndexes: true),
        Role(name: "ebon_alerts", schema: "alerts"),
        Role(name: "ebon_mailer", schema: "mailer"),
    ]

    /// What each of its sessions begins with. Belonging to the server, they are in no backup of the database.
    var settings: [(name: String, value: String)] {
        // A plan made while the tables are still empty must not read them whole once they are not.
        let planner = isToUseIndexes ? ["enable_seqscan", "enable_hashjoin", "enable_mergejoin"] : []
        return [("search_path", schema)] + planner.map { ($0, "off") }
    }

    /// For example `DATABASE_PASSWORD_ORG`.
    var passwordVariable: String { "DATABASE_PASSWORD_\(schema.uppercased())" }
}
