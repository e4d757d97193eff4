import JSON
import Models

/// What can be programmed into a register.
struct Programming: Equatable {
    static let mostRates = 5
    static let longestRateName = 32
    static let mostOperators = 30

    private(set) var vatRates: JSON = [
        ["name": "TVA A", "percentage": 21], ["name": "TVA B", "percentage": 11], ["name": "TVA C", "percentage": 9],
        ["name": "TVA D", "percentage": 0],
    ]
    private(set) var header: JSON = ["E-BON DEMO SRL", "STR. LIPSCANI 12, BUCUREȘTI", "CIF RO12345678"]
    private(set) var footer: JSON = ["VĂ MULȚUMIM!"]
    private(set) var operators: [Int64: String] = [1: "Operator 1"]
    private(set) var hasLogo = false

    mutating func apply(_ type: CommandType, _ payload: JSON) {
        switch type.rawValue {
        case "set_vat_rates":
            vatRates = .array(
                (payload["rates"]?.array ?? []).map { rate in
                    ["name": rate["name"] ?? "", "percentage": rate["percentage"] ?? 0]
                })
        case "set_header_footer":
            header = payload["header"] ?? header
            footer = payload["footer"] ?? footer
        case "set_operator":
            if let number = payload["operatorId"]?.integer { operators[number] = payload["name"]?.string }
        case "set_logo": hasLogo = true
        case "delete_logo": hasLogo = false
        default: break
        }
    }
}
