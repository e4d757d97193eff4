import FoundationEssentials
import Models

/// Numbers as they are written in Romania.
enum RomanianText {
    /// `1.234,56 RON`
    static func money(_ amount: Money, currency: String = "RON") -> String {
        let digits = amount.description.drop { $0 == "-" }
        let parts = digits.split(separator: ".")
        return "\(amount < .zero ? "-" : "")\(grouped(String(parts[0]))),\(parts[1]) \(currency)"
    }

    /// `1.234`
    static func count(_ number: Int64) -> String {
        (number < 0 ? "-" : "") + grouped("\(number.magnitude)")
    }

    /// `9 %`, `5,5 %`
    static func percent(_ number: Decimal) -> String { "\(number.description.replacing(".", with: ",")) %" }

    private static func grouped(_ digits: String) -> String {
        var grouped = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { grouped += "." }
            grouped.append(digit)
        }
        return grouped
    }
}
