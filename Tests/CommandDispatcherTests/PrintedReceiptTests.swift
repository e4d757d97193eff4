import JSON
import Models
import Testing

@testable import CommandDispatcher

@Suite("A printed receipt") struct PrintedReceiptTests {
    private let now: Timestamp = "2026-04-09T21:30:00.000Z"

    @Test("takes the register's fiscal id, else makes one of its day and number")
    func fiscalId() {
        func id(_ data: JSON) -> String? { PrintedReceipt(.sale, payload: [:], data: data, printedAt: now).fiscalId }
        #expect(id(["receiptNumber": "12", "fiscalId": "F1"]) == "F1")
        #expect(id(["receiptNumber": "12", "fiscalDate": "2026-04-10T00:30:00+03:00"]) == "2026-04-10-12")
        #expect(id(["receiptNumber": 12]) == "2026-04-09-12")
        #expect(id([:]) == nil)
    }

    @Test("takes nothing for granted of what a device sends")
    func oddData() {
        let receipt = PrintedReceipt(
            .sale, payload: ["operatorId": 3],
            data: ["receiptNumber": ["a"], "fiscalDate": 5, "qrCode": .string(String(repeating: "q", count: 9999))],
            printedAt: now)
        #expect(receipt.receiptNumber == nil)
        #expect(receipt.fiscalDate == nil)
        #expect(receipt.qrCode?.count == 512)
        #expect(receipt.operatorId == "3")
    }
}
