import FoundationEssentials

extension Slip {
    static let width = 48
    static let rule = String(repeating: "-", count: width)

    /// The text without what would command a terminal, on as many lines as it needs.
    static func printable(_ text: String) -> [String] {
        let characters = text.map {
            $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ? $0 : " "
        }
        guard characters.count > width else { return [String(characters)] }
        return stride(from: 0, to: characters.count, by: width).map {
            String(characters[$0..<min($0 + width, characters.count)])
        }
    }

    static func centred(_ text: String) -> String {
        String(repeating: " ", count: max(0, (width - text.count) / 2)) + text
    }

    /// One text at each end of a line.
    static func spread(_ left: String, _ right: String) -> String {
        left + String(repeating: " ", count: max(1, width - left.count - right.count)) + right
    }

    /// A number as Romanians write it, `1.234,50`; at least so many places, more only if they say something.
    static func number(_ value: Decimal, places: Int = 0) -> String {
        let parts = value.magnitude.description.split(separator: ".")
        let fraction = parts.count > 1 ? String(parts[1]) : ""
        let padded = fraction + String(repeating: "0", count: max(0, places - fraction.count))
        let digits = Array(parts[0])
        let whole = digits.indices.reduce(into: "") { text, index in
            if index > 0, (digits.count - index) % 3 == 0 { text.append(".") }
            text.append(digits[index])
        }
        return (value < 0 ? "-" : "") + whole + (padded.isEmpty ? "" : ",\(padded)")
    }
}
