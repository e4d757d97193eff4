/// What a receipt records.
package enum ReceiptType: String, Codable, Sendable, CaseIterable {
    /// Goods sold.
    case sale
    /// Goods taken back.
    case refund
    /// An earlier receipt reversed.
    case storno
}

/// How a receipt was paid.
package enum PaymentMethod: String, Codable, Sendable, CaseIterable {
    /// Coins and notes.
    case cash
    /// A bank card.
    case card
    /// A voucher, meal tickets included.
    case voucher
    /// Anything else.
    case other
}

/// Which report of the register it is.
package enum ReportType: String, Codable, Sendable, CaseIterable {
    /// The day so far.
    case x
    /// The day, closed.
    case z
}
