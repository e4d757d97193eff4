import Testing

@testable import JSON

@Suite("Parsing JSON text") struct ParserTests {
    @Test(
        "reads every value of RFC 8259",
        arguments: [
            ("null", JSON.null), ("true", true), (" false\n", false), ("0", 0),
            ("-0", .number(JSONNumber(checked: "-0"))),
            ("12.50", .number(JSONNumber(checked: "12.50"))), ("1E+2", .number(JSONNumber(checked: "1E+2"))),
            (#""""#, ""), (#""a\"\\\/\b\f\n\r\t""#, "a\"\\/\u{8}\u{c}\n\r\t"), (#""\u00e9\uD83D\uDE00""#, "é😀"),
            (#""ăîșț – 😀""#, "ăîșț – 😀"), ("[]", []), ("[ 1 , [ ] ]", [1, []]), ("{}", [:]),
            (#"{"a":{"b":[null]},"c":""}"#, ["a": ["b": [nil]], "c": ""]), (#"{"":1}"#, ["": 1]),
        ] as [(String, JSON)])
    func valid(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(
        "refuses what RFC 8259 does not allow, and says why and where",
        arguments: [
            ("", .unexpectedEnd, 0), (" ", .unexpectedEnd, 1), ("nul", .unexpectedEnd, 3), ("nulL", .unexpectedByte, 3),
            ("True", .unexpectedByte, 0), ("01", .invalidNumber, 2), ("-", .invalidNumber, 1),
            ("1.", .invalidNumber, 2),
            (".5", .unexpectedByte, 0), ("1e", .invalidNumber, 2), ("+1", .unexpectedByte, 0),
            ("NaN", .unexpectedByte, 0),
            ("1 2", .trailingBytes, 2), ("[1,]", .unexpectedByte, 3), ("[1 2]", .unexpectedByte, 3),
            ("{,}", .unexpectedByte, 1), (#"{"a"}"#, .unexpectedByte, 4), (#"{"a":1,}"#, .unexpectedByte, 7),
            ("{a:1}", .unexpectedByte, 1), (#"{"a":1"#, .unexpectedEnd, 6), (#"{"a":1,"a":2}"#, .duplicateName, 7),
            (#"{"a":1,"\u0061":2}"#, .duplicateName, 7), (#""a"#, .unexpectedEnd, 2),
            ("\"\u{1}\"", .controlCharacter, 1),
            ("\"a\nb\"", .controlCharacter, 2), (#""\x""#, .invalidEscape, 3), (#""\u12G4""#, .invalidEscape, 3),
            (#""\u12"#, .unexpectedEnd, 3), (#""\uD800""#, .invalidEscape, 7), (#""\uDC00""#, .invalidEscape, 7),
            (#""\uD800\uD800""#, .invalidEscape, 13), (#""\u0000""#, .nulCharacter, 7), ("/**/1", .unexpectedByte, 0),
            ("'a'", .unexpectedByte, 0), ("\u{FEFF}1", .unexpectedByte, 0),
        ] as [(String, JSONSyntaxError.Reason, Int)])
    func invalid(text: String, reason: JSONSyntaxError.Reason, offset: Int) {
        #expect(throws: JSONSyntaxError(reason: reason, offset: offset)) { try JSON(parsing: text) }
    }

    @Test(
        "refuses strings that are not UTF-8",
        arguments: [
            [0xFF], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x5C, 0x6E, 0x80],
        ] as [[UInt8]])
    func invalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError(reason: .invalidUTF8, offset: 1)) {
            try JSON(parsing: [0x22] + bytes + [0x22])
        }
    }

    @Test("bounds the depth, so that no text can exhaust the stack")
    func depth() throws {
        let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
        #expect(throws: Never.self) { try JSON(parsing: nested(64)) }
        #expect(throws: JSONSyntaxError(reason: .tooDeep, offset: 64)) { try JSON(parsing: nested(65)) }
        #expect(throws: JSONSyntaxError(reason: .tooDeep, offset: 64)) {
            try JSON(parsing: String(repeating: "[", count: 1_000_000))
        }
        #expect(throws: Never.self) {
            try JSON(parsing: "[" + Array(repeating: "[]", count: 100).joined(separator: ",") + "]")
        }
    }

    @Test("finds duplicate names in large objects in linear time")
    func largeObjects() throws {
        let members = (0..<50_000).map { #""m\#($0)":\#($0)"# }
        let object = try JSON(parsing: "{\(members.joined(separator: ","))}")
        #expect(object["m49999"] == 49_999)
        #expect(throws: JSONSyntaxError.self) { try JSON(parsing: "{\(members.joined(separator: ",")),\"m7\":0}") }
    }

    @Test("reads any prefix of a valid text as an error, never as a crash")
    func prefixes() throws {
        let text = Array(#"{"a":[1.5e3,"\u00e9\uD83D\uDE00\n",true,null,{"b":-0.1}]}"#.utf8)
        _ = try JSON(parsing: text)
        for length in 0..<text.count {
            #expect(throws: JSONSyntaxError.self) { try JSON(parsing: text[..<length]) }
        }
    }
}
