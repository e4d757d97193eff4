import JSON

/// What the measurements order, and from whom.
enum Order {
    static let receipt = JSON.object([
        "type": "print_receipt",
        "payload": [
            "items": [["name": "Cafea", "quantity": 1, "price": 12, "vatRate": 11]],
            "payments": [["type": "cash", "amount": 12]],
        ],
    ]).serialized()

    /// The ids that `dev_bench_1..500` stands for.
    static func devices(_ range: String) throws -> [String] {
        guard let digits = range.lastIndex(where: { !$0.isNumber && $0 != "." }),
            let dots = range[digits...].firstRange(of: "..")
        else { throw UsageError(description: "\(range) is no range of devices") }
        let first = range.index(after: digits)
        let numbers = try number(String(range[first..<dots.lowerBound]))...number(String(range[dots.upperBound...]))
        return numbers.map { "\(range[..<first])\($0)" }
    }
}
