import CommandDispatcherRoutes
import Crypto
import EventLoop
import JSON
import Models
import Postgres

/// The journal of receipts. Every call is one round trip.
@Loop final class ReceiptStore {
    private let pool: PostgresPool

    init(pool: PostgresPool) { self.pool = pool }

    /// What the database knows about a receipt that is to be stored.
    struct Situation {
        /// Nil if there is no such device.
        let device: (id: DeviceID, locationId: LocationID?)?
        /// The receipt of the same fiscal act.
        let first: Receipt?
        let repetition: Idempotency.Repetition?
    }

    func situation(
        of submission: ReceiptSubmission, in orgId: OrgID, _ key: Idempotency?, at now: Timestamp
    ) async throws(PostgresError) -> Situation {
        let device = submission.deviceId
        let rows = try await pool.atomically([
            (ReceiptStatements.location, [orgId, device]),
            (ReceiptStatements.first, [orgId, device, submission.fiscalId]),
            Idempotency.kept(key, for: orgId, at: now),
        ])
        var location: (DeviceID, LocationID?)?
        if let row = rows[0].first { location = (device, try row.optional("location_id")) }
        return Situation(
            device: location, first: try receipts(rows[1]).first, repetition: try key?.repetition(in: rows[2]))
    }

    /// Stores a receipt with its event and the answer to its key. False if the situation has changed since.
    func insert(_ receipt: Receipt, _ key: Idempotency?, requestId: String) async throws -> Bool {
        let event = ReceiptCreated(receiptId: receipt.id, deviceId: receipt.deviceId, total: receipt.total)
        let values: [(any PostgresValue)?] = [
            receipt.id, receipt.orgId, receipt.deviceId, receipt.locationId, receipt.type.rawValue,
            JSON.array(receipt.items), try JSON(encoding: receipt.payments), receipt.total.description,
            try JSON(encoding: receipt.vatBreakdown), receipt.operatorId, receipt.receiptNumber, receipt.fiscalId,
            receipt.fiscalDate, receipt.fiscalSeries, receipt.customerCif, receipt.qrCode, receipt.createdAt, key?.key,
            key?.requestSHA256, key?.status, key?.answer, Random.identifier(prefix: "evt"),
            ReceiptCreated.type.rawValue, requestId, try JSON(encoding: event),
        ]
        do {
            return try await !pool.query(ReceiptStatements.insert, values).isEmpty
        } catch PostgresError.violation(constraint: "receipts_device_id_fiscal_id_key", _) {
            return false
        }
    }

    /// Keeps the answer to a request that had nothing to store. False if the key is taken.
    func keep(_ key: Idempotency, for orgId: OrgID, at now: Timestamp) async throws(PostgresError) -> Bool {
        try await !pool.atomically([key.claim(for: orgId, at: now)])[0].isEmpty
    }

    func find(_ id: ReceiptID, of orgId: OrgID) async throws(PostgresError) -> Receipt? {
        try receipts(await pool.query(ReceiptStatements.find, [id, orgId])).first
    }

    /// The beginning of the list that `filter` wants, one more than a page.
    func list(_ filter: ReceiptFilter, of orgId: OrgID) async throws(PostgresError) -> [Receipt] {
        let start = filter.period.start(after: filter.cursor)
        return try receipts(
            await pool.query(
                ReceiptStatements.list(ofDevice: filter.deviceId != nil, type: filter.type),
                [orgId, filter.deviceId, filter.period.from, start?.moment, start?.id, filter.limit + 1]))
    }

    /// The newest receipts of a device; nil if there is no such device.
    func list(
        _ filter: DeviceReceiptFilter, of device: DeviceID, in orgId: OrgID
    ) async throws(PostgresError) -> [Receipt]? {
        let none: Timestamp? = nil
        let rows = try await pool.atomically([
            (CommandStatements.deviceExists, [orgId, device]),
            (
                ReceiptStatements.list(ofDevice: true, type: filter.type),
                [orgId, device, none, none, none, filter.limit]
            ),
        ])
        return rows[0].isEmpty ? nil : try receipts(rows[1])
    }

    private func receipts(_ rows: PostgresRows) throws(PostgresError) -> [Receipt] {
        var receipts: [Receipt] = []
        for row in rows { receipts.append(try Receipt(row)) }
        return receipts
    }
}

extension Receipt {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.value("receipt_id"), orgId: try row.value("org_id"), deviceId: try row.value("device_id"),
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
