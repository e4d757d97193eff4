import FoundationEssentials
import Testing

@testable import JSON

@Suite("A JSON number") struct NumberTests {
    @Test(
        "is an exact decimal",
        arguments: [
            ("0", "0"), ("-0", "0"), ("0.1", "0.1"), ("1.10", "1.1"), ("-12.345", "-12.345"), ("1e3", "1000"),
            ("1.5E-3", "0.0015"), ("100e-2", "1"), ("0.30000000000000004", "0.30000000000000004"),
            ("18446744073709551615", "18446744073709551615"), ("99999999999999999999", "99999999999999999999"),
            ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
            ("0.0000000000000000000000000000000000000000001", "0.0000000000000000000000000000000000000000001"),
        ])
    func exact(lexeme: String, decimal: String) throws {
        #expect(try #require(JSONNumber(lexeme: lexeme)).decimal == Decimal(string: decimal))
    }

    @Test(
        "is no decimal when it cannot be exact",
        arguments: [
            "1e61", "1e-61", "0.1e-60", "1e101", "1e-101", "1e99999999999999999999",
            "123456789012345678901234567890123456789",
        ])
    func inexact(lexeme: String) throws {
        #expect(try #require(JSONNumber(lexeme: lexeme)).decimal == nil)
    }

    @Test(
        "can be multiplied with any other", arguments: ["1e-60", "9.9e-59", "-1e60", "0.1", "99999999999999999999e-60"])
    func products(lexeme: String) throws {
        let factor = try #require(JSONNumber(lexeme: lexeme)?.decimal)
        for other in ["1e-60", "1e60", "12345678901234567890123456789012345678e-60"] {
            let product = try factor * #require(JSONNumber(lexeme: other)?.decimal)
            #expect(product.isFinite)
        }
    }

    @Test(
        "is an integer when its value is one",
        arguments: [
            ("7", 7), ("-7", -7), ("7.0", 7), ("7e2", 700), ("70e-1", 7), ("9223372036854775807", Int64.max),
            ("7.5", nil),
            ("9223372036854775808", nil), ("1e30", nil),
        ] as [(String, Int64?)])
    func integer(lexeme: String, value: Int64?) throws {
        #expect(try #require(JSONNumber(lexeme: lexeme)).integer == value)
    }

    @Test("is not made of text that is none", arguments: ["", "abc", "1 ", " 1", "01", "0x1", "1_000", "null"])
    func malformed(lexeme: String) {
        #expect(JSONNumber(lexeme: lexeme) == nil)
    }

    @Test("is not made of what is no number")
    func notANumber() {
        #expect(JSONNumber(Decimal.nan) == nil)
        #expect(JSON.decimal(.nan) == .null)
    }
}
