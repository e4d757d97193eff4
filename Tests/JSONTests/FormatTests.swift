import Testing

@testable import JSON

@Suite("String formats") struct FormatTests {
    @Test(
        "tell an e-mail address",
        arguments: [
            ("owner@acme.example", true), ("a.b+c@x-y.co.ro", true), ("o'neil@x.ro", true), ("", false), ("a@b", false),
            ("a@@b.ro", false), ("@b.ro", false), ("a@.ro", false), ("a@b.", false), (".a@b.ro", false),
            ("a b@c.ro", false),
            ("a@-b.ro", false), ("ă@b.ro", false), ("a@b.ro\r\nBcc: x@y.ro", false), ("a@b.ro,c@d.ro", false),
            (String(repeating: "a", count: 65) + "@b.ro", false),
        ])
    func email(text: String, accepted: Bool) {
        #expect(StringFormat.email.accepts(text) == accepted)
    }

    @Test(
        "tell base 64, hexadecimal, web addresses and telephone numbers",
        arguments: [
            (StringFormat.base64, "QUJD", true), (.base64, "QQ==", true), (.base64, "QUI=", true), (.base64, "", false),
            (.base64, "QUJ", true), (.base64, "QQ", true), (.base64, "Q", false), (.base64, "QQ=", false),
            (.base64, "QUJD====", false), (.base64, "====", false), (.base64, "Q=JD", false), (.base64, "QU D", false),
            (.hexadecimal, "00fF", true), (.hexadecimal, "0", false), (.hexadecimal, "", false),
            (.hexadecimal, "0g", false),
            (.webAddress, "https://app.e-bon.ro/x?y=1", true), (.webAddress, "http://localhost:8080", true),
            (.webAddress, "ftp://x", false), (.webAddress, "https://", false),
            (.webAddress, "javascript:alert(1)", false),
            (.webAddress, "https://x y", false), (.telephone, "+40712345678", true), (.telephone, "0712345678", false),
            (.telephone, "+0712", false), (.telephone, "+1234567890123456", false), (.telephone, "+4", false),
        ])
    func others(format: StringFormat, text: String, accepted: Bool) {
        #expect(format.accepts(text) == accepted)
    }

    @Test(
        "read dates and times",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2026-04-09T08:10:00.000Z", 1_775_722_200_000),
            ("2026-04-09T08:10:00.1239Z", 1_775_722_200_123), ("2026-04-09T11:10:00+03:00", 1_775_722_200_000),
            ("2026-04-09T08:10:00", 1_775_722_200_000), ("2026-04-09", 1_775_692_800_000),
            ("1969-12-31T23:59:59.999Z", -1), ("2024-02-29T00:00:00Z", 1_709_164_800_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("0000-12-31", nil), ("0001-01-01T00:00:00+01:00", nil), ("9999-12-31T23:59:59-01:00", nil),
            ("2023-02-29", nil), ("2026-13-01", nil), ("2026-00-01", nil), ("2026-01-00", nil), ("2026-04-31", nil),
            ("2026-04-09T24:00:00Z", nil), ("2026-04-09T08:60:00Z", nil), ("2026-04-09T08:10Z", nil),
            ("2026-04-09T08:10:00.Z", nil), ("2026-04-09T08:10:00+3:00", nil), ("2026-4-9", nil), ("", nil),
            ("2026-04-09T08:10:00Z ", nil), ("yesterday", nil), (String(repeating: "9", count: 100), nil),
        ] as [(String, Int64?)])
    func dateTimes(text: String, milliseconds: Int64?) {
        #expect(RFC3339.milliseconds(from: text) == milliseconds)
    }

    @Test(
        "write dates and times that read back",
        arguments: [
            0, -1, 1_775_722_200_123, 951_782_399_999, 951_782_400_000, -62_135_596_800_000, 253_402_300_799_999,
        ])
    func writtenDateTimes(milliseconds: Int64) {
        #expect(RFC3339.milliseconds(from: RFC3339.text(milliseconds: milliseconds)) == milliseconds)
        #expect(RFC3339.text(milliseconds: 1_775_722_200_000) == "2026-04-09T08:10:00.000Z")
        #expect(RFC3339.text(milliseconds: .max) == "9999-12-31T23:59:59.999Z")
        #expect(RFC3339.text(milliseconds: .min) == "0001-01-01T00:00:00.000Z")
    }
}
