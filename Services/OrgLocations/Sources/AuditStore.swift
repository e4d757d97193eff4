import EventLoop
import Models
import OrgLocationsRoutes
import Postgres

/// Reads what every change of the organization leaves behind; it is written by the statements that change.
@Loop struct AuditStore {
    let pool: PostgresPool

    /// Newest first; none for a cursor that is no entry's. Who is gone has the name by which they went.
    func entries(of orgId: OrgID, after cursor: String?, limit: Int) async throws(PostgresError) -> [AuditEntry] {
        let rows = try await pool.query(
            """
            SELECT a.entry_id, a.actor_id, a.action, a.subject_id, a.data, a.request_id, a.created_at,
                coalesce(u.email, k.label, (
                    SELECT coalesce(g.data ->> 'email', g.data ->> 'label')
                    FROM org.audit g
                    WHERE g.org_id = a.org_id AND g.subject_id = a.actor_id
                        AND g.action IN ('member.remove', 'api_key.revoke')
                    LIMIT 1
                )) AS actor_name
            FROM org.audit a
            LEFT JOIN org.users u ON u.org_id = a.org_id AND u.user_id = a.actor_id
            LEFT JOIN org.api_keys k ON k.org_id = a.org_id AND k.api_key_id = a.actor_id
            WHERE a.org_id = $1 AND a.id < CASE WHEN $2::text IS NULL THEN 9223372036854775807
                ELSE (SELECT id FROM org.audit WHERE org_id = $1 AND entry_id = $2) END
            ORDER BY a.id DESC
            LIMIT $3::integer
            """, [orgId, cursor, limit])
        return try rows.map(AuditEntry.init)
    }
}

extension AuditEntry {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.string("entry_id"), actorId: try row.string("actor_id"),
            actorName: try row.optional("actor_name"), action: try row.string("action"),
            subjectId: try row.string("subject_id"), data: try row.json("data"),
            requestId: try row.string("request_id"), createdAt: try row.timestamp("created_at"))
    }
}
