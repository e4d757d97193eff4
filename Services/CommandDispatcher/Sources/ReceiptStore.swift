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
    ) async throws(PostgresError) -> [Receipt]? {
        let rows = try await pool.query(Self.ofDevice, [orgId, device, type?.rawValue, limit])
        guard !rows.isEmpty else { return nil }
        var receipts: [Receipt] = []
        for row in rows {
            // The one row of a device without receipts has none in it.
            guard let id: ReceiptID = try row.optional("receipt_id") else { continue }
            receipts.append(try Self.receipt(id, row))
        }
        return receipts
    }

    private static func receipt(_ id: ReceiptID, _ row: PostgresRow) throws(PostgresError) -> Receipt {
        Receipt(
            id: id, orgId: try row.value("org_id"), deviceId: try row.value("device_id"),
            locationId: try row.optional("location_id"), commandId: try row.optional("command_id"),
            type: try row.raw("type"), items: try row.json("items").array ?? [],
            payments: try row.decoded("payments"), total: Money(rounding: try row.decimal("total")) ?? .zero,
            vatBreakdown: try row.decoded("vat_breakdown"), operatorId: try row.optional("operator_id"),
            receiptNumber: try row.optional("receipt_number"), fiscalId: try row.optional("fiscal_id"),
            fiscalDate: try row.optional("fiscal_date"), fiscalSeries: try row.optional("fiscal_series"),
            customerCif: try row.optional("customer_cif"), qrCode: try row.optional("qr_code"),
            createdAt: try row.timestamp("created_at"))
    }
}

extension PostgresRow {
    fileprivate func decoded<Value: Decodable>(_ column: String) throws(PostgresError) -> Value {
        do {
            return try json(column).decode(Value.self)
        } catch {
            throw .unexpectedValue(column: column, problem: "\(error)")
        }
    }
}
