import EventLoop
import JSON
import Models
import Postgres

/// The journal of receipts.
@Loop final class ReceiptStore {
    private let pool: PostgresPool

    init(pool: PostgresPool) { self.pool = pool }

    private static let ofDevice: Statement = """
        SELECT r.*
        FROM org.device_directory AS d LEFT JOIN LATERAL (
            SELECT * FROM dispatch.receipts
            WHERE device_id = d.device_id AND org_id = d.org_id AND ($3::text IS NULL OR type = $3)
            ORDER BY created_at DESC, receipt_id DESC LIMIT $4
        ) AS r ON true
        WHERE d.org_id = $1 AND d.device_id = $2
        """

    /// The newest receipts of a device; nil if there is no such device.
    func receipts(
        of device: DeviceID, in orgId: OrgID, type: ReceiptType?, limit: Int
    ) async throws(PostgresError) -> [JSON]? {
        let rows = try await pool.query(Self.ofDevice, [orgId, device, type?.rawValue, limit])
        guard !rows.isEmpty else { return nil }
        var receipts: [JSON] = []
        for row in rows {
            // The one row of a device without receipts has none in it.
            guard let id: String = try row.optional("receipt_id") else { continue }
            receipts.append(try Self.view(id, row))
        }
        return receipts
    }

    private static func view(_ id: String, _ row: PostgresRow) throws(PostgresError) -> JSON {
        let fiscalDate: Timestamp? = try row.optional("fiscal_date")
        return [
            "id": .string(id), "orgId": .string(try row.string("org_id")),
            "deviceId": .string(try row.string("device_id")), "locationId": .string(try row.optional("location_id")),
            "commandId": .string(try row.optional("command_id")), "type": .string(try row.string("type")),
            "items": try row.json("items"), "payments": try row.json("payments"),
            "total": JSONNumber(lexeme: try row.string("total")).map(JSON.number) ?? .null,
            "vatBreakdown": try row.json("vat_breakdown"), "operatorId": .string(try row.optional("operator_id")),
            "receiptNumber": .string(try row.optional("receipt_number")),
            "fiscalId": .string(try row.optional("fiscal_id")), "fiscalDate": .string(fiscalDate?.description),
            "fiscalSeries": .string(try row.optional("fiscal_series")),
            "customerCif": .string(try row.optional("customer_cif")), "qrCode": .string(try row.optional("qr_code")),
            "createdAt": .string(try row.timestamp("created_at").description),
        ]
    }
}
