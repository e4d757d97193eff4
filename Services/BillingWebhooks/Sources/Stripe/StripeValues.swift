import JSON
import Models

extension JSON {
    /// An identifier that fits where identifiers are stored.
    var identifier: String? { string.flatMap { (1...255).contains($0.utf8.count) ? $0 : nil } }

    /// Stripe names another object by its id, or expands it in place.
    var reference: String? { (string == nil ? self["id"] : self)?.identifier }

    /// Whole seconds since 1970, in a range that every clock and column can hold.
    var stripeTime: Timestamp? {
        guard let seconds = integer, (0...99_999_999_999).contains(seconds) else { return nil }
        return Timestamp(milliseconds: seconds * 1000)
    }

    /// A page of Stripe's.
    var webAddress: String? { string.flatMap { StringFormat.webAddress.accepts($0) ? $0 : nil } }
}

extension Money {
    /// An amount in the currency's smallest unit: mostly a hundredth, but there are wholes and thousandths
    /// (https://docs.stripe.com/currencies#zero-decimal).
    init(stripeAmount amount: JSON?, currency: String) {
        let wholes: Set = [
            "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof",
            "xpf",
        ]
        let thousandths: Set = ["bhd", "jod", "kwd", "omr", "tnd"]
        let units = amount?.integer ?? 0
        switch currency.lowercased() {
        case let currency where wholes.contains(currency):
            let (hundredths, overflow) = units.multipliedReportingOverflow(by: 100)
            self.init(bani: overflow ? 0 : hundredths)
        case let currency where thousandths.contains(currency): self.init(bani: units / 10)
        default: self.init(bani: units)
        }
    }
}
