/// A receipt was written to the journal.
package struct ReceiptCreated: EventData, Equatable {
    /// `receipt.created`.
    package static let type: EventType = "receipt.created"
    /// Seen by who may read receipts.
    package static let scope: Scope? = .receiptsRead

    /// The receipt.
    package let receiptId: ReceiptID
    /// The device.
    package let deviceId: DeviceID
    /// Its total.
    package let total: Money

    /// All members.
    package init(receiptId: ReceiptID, deviceId: DeviceID, total: Money) {
        self.receiptId = receiptId
        self.deviceId = deviceId
        self.total = total
    }

    /// A sale.
    package static var example: ReceiptCreated {
        ReceiptCreated(receiptId: "rcp_1", deviceId: "dev_pos_01", total: Money(bani: 10_050))
    }
}
