import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let deviceReceipts = Endpoint<ReceiptFilter, JSON>(
        "devices.receipts", .commandDispatcher, .get, "/api/v1/devices/{deviceId}/receipts",
        summary: "The receipts of one device, newest first", access: .scope(.receiptsRead), query: ReceiptFilter.fields,
        success: .ok(.object([.required("receipts", .array(of: receiptSchema))]).named("ReceiptList")),
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

    static let receiptSchema = Schema.object([
        .required("id", ReceiptID.schema), .required("orgId", OrgID.schema), .required("deviceId", DeviceID.schema),
        .required("locationId", LocationID.schema.orNull), .required("commandId", CommandID.schema.orNull),
        .required("type", .oneOf(ReceiptType.self)), .required("items", .array(of: .freeFormObject)),
        .required(
            "payments", .array(of: .object([.required("method", .string), .required("amount", Money.schema)]))),
        .required("total", Money.schema),
        .required(
            "vatBreakdown",
            .array(
                of: .object([
                    .required("rate", .decimal()), .required("base", Money.schema), .required("vat", Money.schema),
                ]))),
        .required("operatorId", .string.orNull), .required("receiptNumber", .string.orNull),
        .required("fiscalId", .string.orNull), .required("fiscalDate", Schema.dateTime.orNull),
        .required("fiscalSeries", .string.orNull), .required("customerCif", .string.orNull),
        .required("qrCode", .string.orNull), .required("createdAt", .dateTime),
    ]).named("Receipt")
}

/// Which receipts of a device a list shows.
package struct ReceiptFilter: Decodable, Sendable {
    package let type: ReceiptType?
    package let limit: Int

    static let fields: [Field] = [
        .optional("type", .oneOf(ReceiptType.self)), .optional("limit", .integer(1...100), default: 50),
    ]
}
