import Crypto
import JSON
import Models

/// A decided change of a command, with what it writes besides: receipt, report, events.
struct CommandChange {
    let record: CommandRecord
    let next: CommandRecord
    let isToBeSentAgain: Bool
    private let announced: [CommandState.Announcement]
    private let receipt: (id: ReceiptID, content: PrintedReceipt)?
    private let report: (data: JSON, closesDay: Bool, printedAt: Timestamp)?

    init(_ record: CommandRecord, _ transition: CommandState.Transition, at now: Timestamp) {
        self.record = record
        var next = record
        next.state = transition.next
        next.updatedAt = now
        self.next = next
        isToBeSentAgain = transition.isToBeSentAgain
        announced = transition.announced
        let data = transition.next.result ?? [:]
        // When it was printed nobody knows, if the answer comes after the fact; but not before it was sent.
        let printedAt = transition.next.resolvedAt == nil ? now : transition.next.sentAt ?? now
        switch transition.leavesOutput ? CommandCatalogue[record.type]?.output : nil {
        case .receipt(let type):
            receipt = (
                ReceiptID(Random.identifier(prefix: "rcp")),
                PrintedReceipt(type, payload: record.payload, data: data, printedAt: printedAt)
            )
            report = nil
        case .report(_, let closesDay):
            (receipt, report) = (nil, (data, closesDay, printedAt))
        case nil:
            (receipt, report) = (nil, nil)
        }
    }

    var row: JSON {
        let state = next.state
        return [
            "id": .string(record.id.rawValue), "version": .number(record.version),
            "status": .string(state.status.rawValue), "outcome": .string(state.outcome?.rawValue),
            "attempts": .number(state.attempts), "result": state.result ?? .null,
            "error": Self.json(state.error),
            "sent_at": .string(state.sentAt?.description), "finished_at": .string(state.finishedAt?.description),
            "resolved_at": .string(state.resolvedAt?.description),
        ]
    }

    var receiptRow: JSON? {
        guard let (id, receipt) = receipt else { return nil }
        return [
            "id": .string(record.id.rawValue), "receipt_id": .string(id.rawValue),
            "type": .string(receipt.type.rawValue), "items": .array(receipt.items),
            "payments": Self.json(receipt.payments), "total": .number(receipt.total.number),
            "vat_breakdown": Self.json(receipt.vatBreakdown),
            "operator_id": .string(receipt.operatorId), "receipt_number": .string(receipt.receiptNumber),
            "fiscal_id": .string(receipt.fiscalId), "fiscal_date": .string(receipt.fiscalDate?.description),
            "fiscal_series": .string(receipt.fiscalSeries), "customer_cif": .string(receipt.customerCif),
            "qr_code": .string(receipt.qrCode),
        ]
    }

    var reportRow: JSON? {
        guard let report else { return nil }
        return [
            "id": .string(record.id.rawValue), "data": report.data, "closes_day": .bool(report.closesDay),
            "printed_at": .string(report.printedAt.description),
        ]
    }

    var eventRows: [JSON] {
        let state = next.state
        let summary = CommandSummary(
            commandId: record.id, deviceId: record.deviceId, type: record.type, status: state.status,
            outcome: state.outcome ?? .unknown, result: state.result, error: state.error)
        var rows = announced.map { announcement in
            switch announcement {
            case .completed: eventRow(CommandCompleted(summary))
            case .failed: eventRow(CommandFailed(summary))
            case .timeout: eventRow(CommandTimedOut(summary))
            case .resolved: eventRow(CommandResolved(summary))
            }
        }
        if let receipt {
            let created = ReceiptCreated(
                receiptId: receipt.id, deviceId: record.deviceId, total: receipt.content.total)
            rows.append(eventRow(created, receiptId: receipt.id))
        }
        return rows
    }

    private func eventRow<Data: EventData>(_ data: Data, receiptId: ReceiptID? = nil) -> JSON {
        [
            "id": .string(record.id.rawValue), "event_id": .string(Random.identifier(prefix: "evt")),
            "receipt_id": .string(receiptId?.rawValue), "type": .string(Data.type.rawValue), "data": Self.json(data),
        ]
    }

    /// The types that come here always encode.
    private static func json(_ value: some Encodable) -> JSON { (try? JSON(encoding: value)) ?? .null }
}
