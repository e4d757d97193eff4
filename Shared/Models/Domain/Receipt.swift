import FoundationEssentials
import JSON

/// A receipt of the write-once journal.
package struct Receipt: Codable, Sendable, Equatable {
    /// The receipt's id.
    package let id: ReceiptID
    /// The organization.
    package let orgId: OrgID
    /// The device that printed it.
    package let deviceId: DeviceID
    /// Where the device stood when it was printed.
    package let locationId: LocationID?
    /// The command that printed it; nil for one that the app printed locally.
    package let commandId: CommandID?
    /// What it records.
    package let type: ReceiptType
    /// The lines, as they were ordered.
    package let items: [JSON]
    /// How it was paid.
    package let payments: [Payment]
    /// The sum of the lines, VAT included.
    package let total: Money
    /// The VAT by rate.
    package let vatBreakdown: [VATLine]
    /// The operator's number or name at the register.
    package let operatorId: String?
    /// The register's own number; nil where it reported none.
    package let receiptNumber: String?
    /// What identifies it among the device's receipts.
    package let fiscalId: String?
    /// When the register says that it was printed.
    package let fiscalDate: Timestamp?
    /// The register's fiscal series.
    package let fiscalSeries: String?
    /// The buyer's fiscal code.
    package let customerCif: String?
    /// What the printed QR code says.
    package let qrCode: String?
    /// When it was written to the journal.
    package let createdAt: Timestamp

    enum CodingKeys: String, CodingKey {
        case id, orgId, deviceId, locationId, commandId, type, items, payments, total, vatBreakdown, operatorId,
            receiptNumber, fiscalId, fiscalDate, fiscalSeries, customerCif, qrCode, createdAt
    }

    /// A part of what was paid.
    package struct Payment: Codable, Sendable, Hashable {
        /// How.
        package let method: PaymentMethod
        /// How much.
        package let amount: Money

        /// All members.
        package init(method: PaymentMethod, amount: Money) {
            self.method = method
            self.amount = amount
        }
    }

    /// What was sold at one VAT rate.
    package struct VATLine: Codable, Sendable, Hashable {
        /// The rate in per cent.
        package let rate: Decimal
        /// The amount without VAT.
        package let base: Money
        /// The VAT.
        package let vat: Money

        /// All members.
        package init(rate: Decimal, base: Money, vat: Money) {
            self.rate = rate
            self.base = base
            self.vat = vat
        }
    }

    /// All members.
    package init(
        id: ReceiptID, orgId: OrgID, deviceId: DeviceID, locationId: LocationID?, commandId: CommandID?,
        type: ReceiptType, items: [JSON], payments: [Payment], total: Money, vatBreakdown: [VATLine],
        operatorId: String?, receiptNumber: String?, fiscalId: String?, fiscalDate: Timestamp?, fiscalSeries: String?,
        customerCif: String?, qrCode: String?, createdAt: Timestamp
    ) {
        self.id = id
        self.orgId = orgId
        self.deviceId = deviceId
        self.locationId = locationId
        self.commandId = commandId
        self.type = type
        self.items = items
        self.payments = payments
        self.total = total
        self.vatBreakdown = vatBreakdown
        self.operatorId = operatorId
        self.receiptNumber = receiptNumber
        self.fiscalId = fiscalId
        self.fiscalDate = fiscalDate
        self.fiscalSeries = fiscalSeries
        self.customerCif = customerCif
        self.qrCode = qrCode
        self.createdAt = createdAt
    }
}
