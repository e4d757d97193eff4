import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let deviceReceipts = Endpoint<ReceiptFilter, ReceiptList>(
        "devices.receipts", .commandDispatcher, .get, "/api/v1/devices/{deviceId}/receipts",
        summary: "The receipts of one device, newest first", access: .scope(.receiptsRead), query: ReceiptFilter.fields,
        success: .ok(ReceiptList.schema),
        errors: [.notFound])
}

/// Which receipts of a device a list shows.
package struct ReceiptFilter: Decodable, Sendable {
    package let type: ReceiptType?
    package let limit: Int

    static let fields: [Field] = [
        .optional("type", .oneOf(ReceiptType.self)), .optional("limit", .integer(1...100), default: 50),
    ]
}

package struct ReceiptList: Encodable, Sendable {
    package let receipts: [Receipt]

    package init(receipts: [Receipt]) { self.receipts = receipts }

    static let schema = Schema.object([.required("receipts", .array(of: Receipt.schema))]).named("ReceiptList")
}
