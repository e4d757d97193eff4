import Bus
import CommandDispatcherRoutes
import Crypto
import Endpoints
import EventLoop
import JSON
import Models

/// The journal, as clients see it.
@Loop struct ReceiptHandlers {
    let receipts: ReceiptStore
    let commands: CommandStore
    let onCommitted: () -> Void

    /// How often a receipt is tried that others store at the same time: the first look that comes after them sees them.
    private static let mostRounds = 8

    func mount(on bus: Bus) {
        bus.mount(CommandDispatcherRoutes.storeReceipt, replying: store)
        bus.mount(CommandDispatcherRoutes.listReceipts, list)
        bus.mount(CommandDispatcherRoutes.receipt) { call in
            guard let receipt = try await receipts.find(ReceiptID(call.path("receiptId")), of: call.orgId) else {
                throw APIError.noSuchReceipt
            }
            return ReceiptAnswer(receipt: receipt)
        }
        bus.mount(CommandDispatcherRoutes.deviceReceipts, ofDevice)
    }

    private func store(_ call: Call<ReceiptSubmission>) async throws -> BusReply {
        let submission = try await call.input(unless: {
            guard let device = call.deviceInBody else { return nil }
            return try await commands.deviceExists(device, of: call.orgId) ? nil : .noSuchDevice
        })
        let key = try Idempotency(call, on: submission.deviceId)
        let now = Timestamp.now()
        for _ in 1...Self.mostRounds {
            let situation = try await receipts.situation(of: submission, in: call.orgId, key, at: now)
            if let repetition = situation.repetition {
                if case .anotherRequest = repetition, situation.device == nil { throw APIError.noSuchDevice }
                return try BusReply(repetition)
            }
            guard let device = situation.device else { throw APIError.noSuchDevice }
            if let first = situation.first {
                let answer = ReceiptAnswer(receipt: first)
                let key = try key?.answered(answer, status: 200)
                guard let key, try await !receipts.keep(key, for: call.orgId, at: now) else {
                    return try BusReply(answer)
                }
            } else {
                let receipt = Receipt(submission, orgId: call.orgId, locationId: device.locationId, createdAt: now)
                let answer = ReceiptAnswer(receipt: receipt)
                if try await receipts.insert(receipt, key?.answered(answer), requestId: call.requestId) {
                    onCommitted()
                    return try BusReply(answer, status: 201)
                }
            }
        }
        throw APIError.unavailable("The receipt is being stored by others", retryAfter: 1)
    }

    private func list(_ call: Call<ReceiptFilter>) async throws -> ListPage<Receipt> {
        let filter = try call.input()
        return try Page(await receipts.list(filter, of: call.orgId), limit: filter.limit).answer {
            ListCursor(moment: $0.fiscalDate ?? $0.createdAt, id: $0.id.rawValue)
        }
    }

    private func ofDevice(_ call: Call<DeviceReceiptFilter>) async throws -> ReceiptList {
        let device = DeviceID(call.path("deviceId"))
        let filter = try await call.input(unless: {
            try await commands.deviceExists(device, of: call.orgId) ? nil : .noSuchDevice
        })
        guard let found = try await receipts.list(filter, of: device, in: call.orgId) else {
            throw APIError.noSuchDevice
        }
        return ReceiptList(receipts: try Page(found, limit: filter.limit).entries)
    }
}

extension Receipt {
    fileprivate init(_ submission: ReceiptSubmission, orgId: OrgID, locationId: LocationID?, createdAt: Timestamp) {
        self.init(
            id: ReceiptID(Random.identifier(prefix: "rcp")), orgId: orgId, deviceId: submission.deviceId,
            locationId: locationId, commandId: nil, type: submission.type, items: submission.items,
            payments: submission.payments, total: submission.total, vatBreakdown: submission.vatBreakdown,
            operatorId: submission.operatorId?.text, receiptNumber: submission.receiptNumber?.text,
            fiscalId: submission.fiscalId, fiscalDate: submission.fiscalDate, fiscalSeries: submission.fiscalSeries,
            customerCif: submission.customerCif, qrCode: submission.qrCode, createdAt: createdAt)
    }
}
