import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let deviceReceipts = Endpoint<ReceiptFilter, ReceiptList>(
        "devices.receipts", .commandDispatcher, .get, "/api/v1/devices/{deviceId}/receipts",
        summary: "The receipts of one device, newest first", access: .scope(.receiptsRead), query: ReceiptFilter.fields,
        success: .ok(ReceiptList.schema),
        errors: [.notFound])

    package static let cashBalance = live(
        "devices.cash-balance", .get, "/api/v1/devices/{deviceId}/cash-balance",
        summary: "Asks the register how much money is in the drawer", access: .scope(.devicesRead),
        success: .ok(
            .object([
                .required("cashBalance", .decimal()), .required("currency", .string),
                .required("deviceId", DeviceID.schema), .required("timestamp", .dateTime),
            ]).named("CashBalance")))

    /// A route that waits for the register. The edge waits a little longer than the dispatcher does.
    private static func live(
        _ name: String, _ method: Route.Method, _ path: PathTemplate, summary: String, access: Access,
        success: Route.Success
    ) -> Endpoint<NoInput, JSON> {
        Endpoint(
            name, .commandDispatcher, method, path, summary: summary, access: access, success: success,
            errors: [.notFound, .deviceError, .commandTimeout], deadline: .seconds(35))
    }
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
