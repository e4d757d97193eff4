import FoundationEssentials
import JSON
import Models

/// A receipt as a completed command leaves it behind: what was ordered, and what the register says it printed.
struct PrintedReceipt: Hashable {
    let type: ReceiptType
    let items: [JSON]
    let payments: [Receipt.Payment]
    let total: Money
    let vatBreakdown: [Receipt.VATLine]
    let operatorId: String?
    let customerCif: String?
    let receiptNumber: String?
    let fiscalId: String?
    let fiscalDate: Timestamp?
    let fiscalSeries: String?
    let qrCode: String?

    /// Longer texts of a device are cut: an index holds some of them.
    private static let longestText = 512

    /// `payload` has passed the command's validation; of `data`, which the device has sent, nothing is taken for granted.
    init(_ type: ReceiptType, payload: JSON, data: JSON, printedAt: Timestamp) {
        self.type = type
        items = payload["items"]?.array ?? []
        payments = (payload["payments"]?.array ?? []).map {
            Receipt.Payment(
                method: $0["type"]?.string.flatMap(PaymentMethod.init(rawValue:)) ?? .other,
                amount: Self.money($0["amount"]?.number?.decimal))
        }
        (total, vatBreakdown) = Receipt.amounts(of: items)
        operatorId = payload["operatorId"].flatMap(Self.text)
        customerCif = payload["customerCif"].flatMap(Self.text)
        receiptNumber = data["receiptNumber"].flatMap(Self.text)
        let fiscalDate = data["fiscalDate"]?.string
        self.fiscalDate = fiscalDate.flatMap { Timestamp($0) }
        fiscalSeries = data["fiscalSeries"].flatMap(Self.text)
        qrCode = data["qrCode"].flatMap(Self.text)
        let day = String((self.fiscalDate == nil ? printedAt.description : fiscalDate!).prefix(10))
        fiscalId = data["fiscalId"].flatMap(Self.text) ?? receiptNumber.map { "\(day)-\($0)" }
    }

    /// Zero for what no register could have printed.
    private static func money(_ amount: Decimal?) -> Money { amount.flatMap(Money.init(rounding:)) ?? .zero }

    static func text(_ value: JSON) -> String? {
        switch value {
        case .string(let text) where !text.isEmpty: String(text.prefix(longestText))
        case .number(let number): String(number.lexeme.prefix(longestText))
        default: nil
        }
    }
}
