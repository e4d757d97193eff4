import JSON

/// What the tests sell.
enum Sale {
    static let payload: JSON = [
        "items": [["name": "Cafea", "quantity": 2, "price": 9, "vatRate": 11]],
        "payments": [["type": "cash", "amount": 18]],
    ]
    static let printReceipt: JSON = ["type": "print_receipt", "payload": payload]
}
