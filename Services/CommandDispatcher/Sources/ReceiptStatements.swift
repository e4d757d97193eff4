import Models
import Postgres

/// The SQL of ``ReceiptStore``. Columns are named, so that a connection's prepared statements outlive migrations.
enum ReceiptStatements {
    private static let columns = """
        receipt_id, org_id, device_id, location_id, command_id, type, items, payments, total, vat_breakdown, operator_id,
        receipt_number, fiscal_id, fiscal_date, fiscal_series, customer_cif, qr_code, created_at
        """

    /// A text for each case, because each has an index of its own: what is a parameter in one plan cannot choose it. The
    /// words are those of the indexes in 002_journal.sql.
    static func list(ofDevice: Bool, type: ReceiptType?) -> Statement {
        Statement(
            """
            SELECT \(columns) FROM dispatch.receipts
            WHERE org_id = $1 AND \(ofDevice ? "device_id = $2" : "$2::text IS NULL")
                AND \(type.map { "type = '\($0.rawValue)'" } ?? "true")
                AND coalesce(fiscal_date, created_at) >= coalesce($3::timestamptz, '-infinity')
                AND (coalesce(fiscal_date, created_at), receipt_id)
                    < (coalesce($4::timestamptz, 'infinity'), coalesce($5, ''))
            ORDER BY coalesce(fiscal_date, created_at) DESC, receipt_id DESC LIMIT $6
            """)
    }

    static let find = Statement("SELECT \(columns) FROM dispatch.receipts WHERE receipt_id = $1 AND org_id = $2")

    static let location: Statement =
        "SELECT location_id FROM org.device_directory WHERE org_id = $1 AND device_id = $2"

    static let first = Statement(
        "SELECT \(columns) FROM dispatch.receipts WHERE org_id = $1 AND device_id = $2 AND fiscal_id = $3")

    /// Nothing happens if the device is gone or elsewhere by now, or if the key is taken; if the fiscal id is, the unique
    /// index undoes the key too.
    static let insert = Statement(
        """
        WITH device AS (
            SELECT location_id FROM org.device_directory
            WHERE org_id = $2 AND device_id = $3 AND location_id IS NOT DISTINCT FROM $4
        ), fresh AS (
            \(Idempotency.claim(
                orgId: "$2", at: "$17", key: "$18", requestSHA256: "$19", status: "$20", answer: "$21",
                from: "FROM device WHERE $18::text IS NOT NULL"))
        ), inserted AS (
            INSERT INTO dispatch.receipts (
                receipt_id, org_id, device_id, location_id, type, items, payments, total, vat_breakdown, operator_id,
                receipt_number, fiscal_id, fiscal_date, fiscal_series, customer_cif, qr_code, created_at)
            SELECT $1, $2, $3, location_id, $5, $6, $7, $8::numeric, $9, $10, $11, $12, $13, $14, $15, $16, $17
            FROM device WHERE $18::text IS NULL OR EXISTS (SELECT FROM fresh)
            RETURNING org_id, created_at
        ), event AS (
            INSERT INTO bus.outbox (event_id, org_id, type, request_id, created_at, data)
            SELECT $22, org_id, $23, $24, created_at, $25::jsonb FROM inserted
        )
        SELECT FROM inserted
        """)
}
