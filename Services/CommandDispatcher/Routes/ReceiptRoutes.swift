import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let storeReceipt = Endpoint<ReceiptSubmission, ReceiptAnswer>(
        "receipts.create", .commandDispatcher, .post, "/api/v1/receipts",
        summary: "Stores a receipt that the app has printed itself",
        notes: """
            A receipt is one fiscal act: device and fiscalId identify it, and storing it again answers 200 with what was \
            stored first. What a command has printed is in the journal already; where the app stores such a receipt \
            before the command's answer has arrived, the answer links the two.
            """,
        access: .scope(.receipts), body: ReceiptSubmission.schema, isIdempotent: true,
        success: .createdOrKnown(ReceiptAnswer.schema).showing(["receipt": Receipt.printedByTheApp]),
        errors: [.noSuchDevice], bodyLimit: 256 << 10)

    package static let listReceipts = Endpoint<ReceiptFilter, ListPage<Receipt>>(
        "receipts.list", .commandDispatcher, .get, "/api/v1/receipts", summary: "Receipts, newest first",
        notes: """
            Sorted by fiscalDate or, where the register gave none, by createdAt; from and to count by the same. A page \
            of long receipts may be shorter than limit: nextCursor alone says whether there are more.
            """,
        access: .scope(.receiptsRead), query: ReceiptFilter.fields, success: .ok(ListPage<Receipt>.schema))

    package static let receipt = Endpoint<NoInput, ReceiptAnswer>(
        "receipts.get", .commandDispatcher, .get, "/api/v1/receipts/{receiptId}", summary: "One receipt",
        access: .scope(.receiptsRead), success: .ok(ReceiptAnswer.schema), errors: [.noSuchReceipt])

    package static let deviceReceipts = Endpoint<DeviceReceiptFilter, ReceiptList>(
        "devices.receipts", .commandDispatcher, .get, "/api/v1/devices/{deviceId}/receipts",
        summary: "The receipts of one device, newest first",
        notes: """
            As `GET /receipts`, which has the receipts of deleted devices too, and those behind the newest. A list of long \
            receipts may be shorter than limit.
            """, access: .scope(.receiptsRead),
        query: DeviceReceiptFilter.fields, success: .ok(ReceiptList.schema), errors: [.noSuchDevice])
}

/// Which receipts of an organization a list shows.
package struct ReceiptFilter: Decodable, Sendable {
    package let deviceId: DeviceID?
    package let type: ReceiptType?
    package let period: Period
    package let limit: Int
    package let cursor: ListCursor?

    private enum CodingKeys: String, CodingKey { case deviceId, type, limit, cursor }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        deviceId = try container.decodeIfPresent(DeviceID.self, forKey: .deviceId)
        type = try container.decodeIfPresent(ReceiptType.self, forKey: .type)
        period = try Period(from: decoder)
        limit = try container.decode(Int.self, forKey: .limit)
        cursor = try container.decodeIfPresent(ListCursor.self, forKey: .cursor)
    }

    static let fields: [Field] =
        [.optional("deviceId", DeviceID.schema)] + DeviceReceiptFilter.fields + Period.fields + [
            .optional("cursor", ListCursor.schema)
        ]
}

/// Which receipts of a device a list shows.
package struct DeviceReceiptFilter: Decodable, Sendable {
    package let type: ReceiptType?
    package let limit: Int

    static let fields: [Field] = [
        .optional("type", .oneOf(ReceiptType.self)), .optional("limit", .integer(1...100), default: 50),
    ]
}

/// One receipt.
package struct ReceiptAnswer: Encodable, Sendable {
    package let receipt: Receipt

    package init(receipt: Receipt) { self.receipt = receipt }

    static let schema = Schema.object([.required("receipt", Receipt.schema)]).named("ReceiptAnswer")
}

extension Receipt {
    fileprivate static let printedByTheApp = JSON.object(
        (schema.example?.object ?? JSONObject()).merging(["commandId": nil]))
}

package struct ReceiptList: Encodable, Sendable {
    package let receipts: [Receipt]

    package init(receipts: [Receipt]) { self.receipts = receipts }

    static let schema = Schema.object([.required("receipts", .array(of: Receipt.schema))]).named("ReceiptList")
}

extension Receipt: ListEntry {
    package static var listName: String { "receipts" }
    package static var pageName: String { "ReceiptPage" }
}
