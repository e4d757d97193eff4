import JSON

extension Receipt {
    /// `locationId`, `commandId` and `receiptNumber` are always there, be it as `null`; the other optional members are
    /// left out.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(orgId, forKey: .orgId)
        try container.encode(deviceId, forKey: .deviceId)
        try container.encode(locationId, forKey: .locationId)
        try container.encode(commandId, forKey: .commandId)
        try container.encode(type, forKey: .type)
        try container.encode(items, forKey: .items)
        try container.encode(payments, forKey: .payments)
        try container.encode(total, forKey: .total)
        try container.encode(vatBreakdown, forKey: .vatBreakdown)
        try container.encodeIfPresent(operatorId, forKey: .operatorId)
        try container.encode(receiptNumber, forKey: .receiptNumber)
        try container.encodeIfPresent(fiscalId, forKey: .fiscalId)
        try container.encodeIfPresent(fiscalDate, forKey: .fiscalDate)
        try container.encodeIfPresent(fiscalSeries, forKey: .fiscalSeries)
        try container.encodeIfPresent(customerCif, forKey: .customerCif)
        try container.encodeIfPresent(qrCode, forKey: .qrCode)
        try container.encode(createdAt, forKey: .createdAt)
    }

    /// What a receipt looks like in JSON.
    package static let schema = Schema.object([
        .required("id", ReceiptID.schema), .required("orgId", OrgID.schema), .required("deviceId", DeviceID.schema),
        .required("locationId", LocationID.schema.orNull), .required("commandId", CommandID.schema.orNull),
        .required("type", .oneOf(ReceiptType.self)), .required("items", .array(of: .freeFormObject)),
        .required(
            "payments",
            .array(of: .object([.required("method", .oneOf(PaymentMethod.self)), .required("amount", Money.schema)]))),
        .required("total", Money.schema),
        .required(
            "vatBreakdown",
            .array(
                of: .object([
                    .required("rate", .decimal()), .required("base", Money.schema), .required("vat", Money.schema),
                ]))),
        .optional("operatorId", .string), .required("receiptNumber", Schema.string.orNull),
        .optional("fiscalId", .string), .optional("fiscalDate", Timestamp.schema), .optional("fiscalSeries", .string),
        .optional("customerCif", .string), .optional("qrCode", .string), .required("createdAt", Timestamp.schema),
    ]).named("Receipt").illustrated(by: [
        "id": "rcp_abc123", "orgId": "acme_corp", "deviceId": "dev_pos_01", "locationId": "loc_main",
        "commandId": "cmd_abc123", "type": "sale",
        "items": [["name": "Cafea", "quantity": 2, "price": 12.50, "vatRate": 11]],
        "payments": [["method": "cash", "amount": 25.00]], "total": 25.00,
        "vatBreakdown": [["rate": 11, "base": 22.52, "vat": 2.48]], "receiptNumber": "0000122",
        "fiscalId": "20260409-0000122", "fiscalDate": "2026-04-09T08:10:00.000Z",
        "createdAt": "2026-04-09T08:10:01.000Z",
    ])
}
