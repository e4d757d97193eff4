import FoundationEssentials
import JSON
import Testing

@testable import Models

@Suite("Money") struct MoneyTests {
    @Test(
        "is rounded half away from zero to whole bani",
        arguments: [
            ("0", "0.00"), ("1", "1.00"), ("1.5", "1.50"), ("1.005", "1.01"), ("1.0049", "1.00"), ("-1.005", "-1.01"),
            ("-0.01", "-0.01"), ("0.999", "1.00"), ("1234567.891", "1234567.89"), ("-0.001", "0.00"),
        ])
    func rounding(amount: String, text: String) throws {
        #expect(Money(try #require(Decimal(string: amount))).description == text)
    }

    @Test("is a JSON number with two places and reads back")
    func coding() throws {
        #expect(try JSON(encoding: Money(bani: 123_450)).text == "1234.50")
        #expect(try JSON(parsing: "1234.5").decode(Money.self) == Money(bani: 123_450))
        #expect(throws: DecodingError.self) { try JSON(parsing: #""12""#).decode(Money.self) }
        #expect(throws: DecodingError.self) { try JSON(parsing: "1e60").decode(Money.self) }
    }

    @Test("adds up exactly what binary fractions cannot")
    func exactness() {
        let sum = (0..<10).reduce(Money.zero) { sum, _ in sum + Money(bani: 10) }
        #expect(sum == Money(bani: 100))
        #expect(Money(bani: 250) - Money(bani: 300) == Money(bani: -50))
    }

    @Test("saturates instead of ending the process")
    func saturation() {
        let huge = Money(bani: .max)
        #expect(huge + huge == huge)
        #expect(-huge - huge == Money(bani: .min + 1))
        #expect(Money(Decimal(string: "1e60") ?? 0) == huge)
        #expect(Money(Decimal.nan) == .zero)
    }
}
