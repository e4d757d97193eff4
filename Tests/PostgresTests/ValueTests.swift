import FoundationEssentials
import Testing

@testable import Postgres

@Suite("Values in text format") struct ValueTests {
    private func read<Value: PostgresReadable>(_ text: String, as type: Value.Type = Value.self) -> Value? {
        Array(text.utf8).withUnsafeBufferPointer { Value(postgresBytes: $0) }
    }

    @Test(
        "a timestamp becomes milliseconds since 1970",
        arguments: [
            ("1970-01-01 00:00:00+00", 0), ("2026-04-09 08:10:00+00", 1_775_722_200_000),
            ("2026-04-09 08:10:00.007+00", 1_775_722_200_007), ("2024-02-29 23:59:59.99+00", 1_709_251_199_990),
            ("1969-12-31 23:59:59.5+00", -500), ("2000-02-29 00:00:00.123456+00", 951_782_400_123),
        ])
    func timestampBecomesMillisecondsSince(text: String, milliseconds: Int64) {
        let value = Array(text.utf8).withUnsafeBufferPointer { TimestampText.milliseconds(of: $0) }
        #expect(value == milliseconds)
    }

    @Test(
        "a timestamp of another form is refused",
        arguments: [
            "infinity", "", "2026-04-09", "2026-04-09 08:10:00+02", "2026-04-09 08:10:00+00:30",
            "2026-04-09 08:10:0x+00",
        ])
    func timestampAnotherFormRefused(text: String) {
        #expect(Array(text.utf8).withUnsafeBufferPointer { TimestampText.milliseconds(of: $0) } == nil)
    }

    @Test("whole numbers are read to their limits and not beyond")
    func wholeNumbersReadTheir() {
        #expect(read("9223372036854775807") == Int64.max)
        #expect(read("-9223372036854775808") == Int64.min)
        #expect(read("9223372036854775808", as: Int64.self) == nil)
        for text in ["", "-", "1.5", "+1", "1 "] { #expect(read(text, as: Int64.self) == nil, "\(text)") }
    }

    @Test("decimals are exact and NaN is refused")
    func decimalsExactNanRefused() {
        #expect(read("12345678901234567890.01") == Decimal(string: "12345678901234567890.01"))
        #expect(read("NaN", as: Decimal.self) == nil)
    }

    @Test("array literals quote what would end them")
    func arrayLiteralsQuoteWhat() {
        #expect(["a", "b \"c\" \\ {d},", "", "NULL"].postgresText == #"{"a","b \"c\" \\ {d},","","NULL"}"#)
        #expect([1, nil, 3].postgresText == #"{"1",NULL,"3"}"#)
        #expect([String]().postgresText == "{}")
    }

    @Test("arrays are read with their quotes")
    func arraysReadTheirQuotes() {
        #expect(read(#"{a,"b \"c\" \\ {d},","","NULL"}"#) == ["a", "b \"c\" \\ {d},", "", "NULL"])
        #expect(read("{1,-2}") == [1, -2])
        #expect(read("{}") == [String]())
        for text in ["{NULL}", "{{1}}", "{\"a}", "1,2", "{\"a\"b}"] {
            #expect(read(text, as: [String].self) == nil, "\(text)")
        }
    }
}
