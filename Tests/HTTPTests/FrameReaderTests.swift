import HTTP
import Testing

@Suite("The WebSocket frame reader") struct FrameReaderTests {
    @Test("reads the families of the Autobahn suite, whole, byte by byte and in odd pieces", arguments: frameFamilies)
    func families(_ table: FrameCase) {
        for chop in [Int.max, 1, 3, 13] {
            #expect(FrameTranscript(table.bytes, chop: chop).entries.joined(separator: "; ") == table.answer)
        }
    }

    @Test(
        "answers each close code as RFC 6455 says",
        arguments: [
            (0, false), (999, false), (1000, true), (1001, true), (1002, true), (1003, true), (1004, false),
            (1005, false),
            (1006, false), (1007, true), (1008, true), (1009, true), (1010, true), (1011, true), (1012, true),
            (1013, true),
            (1014, true), (1015, false), (1016, false), (1100, false), (2000, false), (2999, false), (3000, true),
            (3999, true), (4000, true), (4999, true), (5000, false), (65535, false),
        ])
    func closeCodes(_ code: Int, _ isValid: Bool) {
        let bytes = frame(0x88, [UInt8(code >> 8), UInt8(code & 255)])
        let expected = isValid ? "close \(code) " : "violation 1002"
        #expect(FrameTranscript(bytes, chop: .max).entries == [expected])
        #expect(FrameTranscript(bytes, chop: 1).entries == [expected])
    }

    @Test(
        "reads every length of payload around the borders of its encoding",
        arguments: [
            0, 1, 7, 8, 9, 124, 125, 126, 127, 128, 65535, 65536, 70_000,
        ])
    func lengths(_ count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0) & 0x7f }
        for chop in [Int.max, 1, 1000] {
            let entries = FrameTranscript(frame(0x82, payload), chop: chop).entries
            #expect(entries.count == 1 && entries[0].hasPrefix("binary"))
        }
    }

    @Test("as a client, wants frames without a mask")
    func clientRole() {
        let plain = frame(0x81, utf8("hi"), masked: false)
        let masked = frame(0x81, utf8("hi"))
        #expect(FrameTranscript(plain, chop: 1, role: .client).entries == ["text hi"])
        #expect(FrameTranscript(masked, chop: 1, role: .client).entries == ["violation 1002"])
    }

    @Test("accepts exactly the UTF-8 that the standard library accepts, whatever the chopping")
    func validation() {
        var generator = ByteGenerator(seed: 6)
        let interesting: [UInt8] = [
            0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf4,
            0xf5, 0xff,
        ]
        for _ in 0..<4000 {
            let count = Int.random(in: 1...5, using: &generator)
            let bytes = (0..<count).map { _ in interesting.randomElement(using: &generator)! }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            for chop in [Int.max, 1] {
                let entries = FrameTranscript(frame(0x81, bytes), chop: chop).entries
                #expect((entries != ["violation 1007"]) == isValid, "\(bytes)")
            }
        }
    }
}

struct FrameCase: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let answer: String

    init(_ name: String, _ frames: [[UInt8]], _ answer: String) {
        self.name = name
        bytes = frames.flatMap { $0 }
        self.answer = answer
    }

    var testDescription: String { name }
}

private func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

private let frameFamilies: [FrameCase] = [
    FrameCase("1 empty text", [frame(0x81)], "text "),
    FrameCase("1 empty binary", [frame(0x82)], "binary "),
    FrameCase("1 text", [frame(0x81, utf8("Hello"))], "text Hello"),
    FrameCase("1 unmasked", [frame(0x81, utf8("Hello"), masked: false)], "violation 1002"),
    FrameCase("2 empty ping", [frame(0x89)], "ping "),
    FrameCase("2 ping with payload", [frame(0x89, utf8("hi"))], "ping hi"),
    FrameCase("2 ping of 125", [frame(0x89, Array(repeating: 65, count: 125))], "ping 125 bytes"),
    FrameCase("2 ping of 126", [frame(0x89, Array(repeating: 65, count: 126))], "violation 1002"),
    FrameCase("2 unsolicited pong", [frame(0x8a, utf8("x")), frame(0x89)], "pong x; ping "),
    FrameCase("3 RSV1", [frame(0xc1, utf8("a"))], "violation 1002"),
    FrameCase("3 RSV2 behind a good one", [frame(0x81, utf8("a")), frame(0xa1)], "text a; violation 1002"),
    FrameCase("3 RSV3 on a ping", [frame(0x99)], "violation 1002"),
    FrameCase("4 reserved data opcodes", [frame(0x83)], "violation 1002"),
    FrameCase("4 reserved data opcode 7", [frame(0x87)], "violation 1002"),
    FrameCase("4 reserved control opcodes", [frame(0x8b)], "violation 1002"),
    FrameCase("4 reserved control opcode 15", [frame(0x8f)], "violation 1002"),
    FrameCase("5 fragmented ping", [frame(0x09), frame(0x80)], "violation 1002"),
    FrameCase("5 fragmented pong", [frame(0x0a), frame(0x80)], "violation 1002"),
    FrameCase("5 fragmented close", [frame(0x08)], "violation 1002"),
    FrameCase("5 two fragments", [frame(0x01, utf8("ab")), frame(0x80, utf8("cd"))], "fragment; text abcd"),
    FrameCase(
        "5 ping between", [frame(0x01, utf8("ab")), frame(0x89, utf8("p")), frame(0x80, utf8("cd"))],
        "fragment; ping p; text abcd"),
    FrameCase("5 nothing to continue", [frame(0x80, utf8("a"))], "violation 1002"),
    FrameCase("5 nothing to continue, open", [frame(0x00, utf8("a"))], "violation 1002"),
    FrameCase(
        "5 new message within one", [frame(0x01, utf8("a")), frame(0x81, utf8("b"))], "fragment; violation 1002"),
    FrameCase(
        "5 continuation after the end", [frame(0x02), frame(0x80), frame(0x80)],
        "fragment; binary ; violation 1002"),
    FrameCase("5 empty fragments", [frame(0x01), frame(0x00), frame(0x80)], "fragment; fragment; text "),
    FrameCase(
        "6 character over two fragments", [frame(0x01, [0xce]), frame(0x80, [0xba])], "fragment; text \u{3ba}"),
    FrameCase("6 invalid at once", [frame(0x01, [0xed, 0xa0]), frame(0x80)], "violation 1007"),
    FrameCase("6 ends within a character", [frame(0x81, [0xce])], "violation 1007"),
    FrameCase("6 ends within one, fragmented", [frame(0x01, [0xce]), frame(0x80)], "fragment; violation 1007"),
    FrameCase("6 overlong", [frame(0x81, [0xc0, 0xaf])], "violation 1007"),
    FrameCase("6 beyond Unicode", [frame(0x81, [0xf4, 0x90, 0x80, 0x80])], "violation 1007"),
    FrameCase("6 binary is not checked", [frame(0x82, [0xff])], "binary \u{fffd}"),
    FrameCase(
        "6 the check begins anew", [frame(0x81, [0xce, 0xba]), frame(0x81, [0xba])],
        "text \u{3ba}; violation 1007"),
    FrameCase("7 close without a code", [frame(0x88)], "close 1005 "),
    FrameCase("7 close with half a code", [frame(0x88, [3])], "violation 1002"),
    FrameCase("7 close with a reason", [frame(0x88, [3, 0xe8] + utf8("bye"))], "close 1000 bye"),
    FrameCase(
        "7 reason of 123", [frame(0x88, [3, 0xe8] + Array(repeating: 65, count: 123))],
        "close 1000 " + String(repeating: "A", count: 123)),
    FrameCase("7 reason of 124", [frame(0x88, [3, 0xe8] + Array(repeating: 65, count: 124))], "violation 1002"),
    FrameCase("7 reason is not UTF-8", [frame(0x88, [3, 0xe8, 0xff])], "violation 1007"),
    FrameCase("7 nothing after a close", [frame(0x88, [3, 0xe8]), frame(0x81)], "close 1000 "),
    FrameCase("9 message at the limit", [frame(0x82, Array(repeating: 1, count: 70_000))], "binary 70000 bytes"),
    FrameCase("9 message above the limit", [frame(0x82, Array(repeating: 1, count: 70_001))], "violation 1009"),
    FrameCase(
        "9 fragments above the limit",
        [frame(0x02, Array(repeating: 1, count: 60_000)), frame(0x80, Array(repeating: 1, count: 10_001))],
        "fragment; violation 1009"),
    FrameCase("9 announced only", [frame(0x82, length: [127, 0, 0, 0, 1, 0, 0, 0, 0])], "violation 1009"),
    FrameCase(
        "9 highest bit of the length", [frame(0x82, length: [127, 0x80, 0, 0, 0, 0, 0, 0, 1])], "violation 1002"),
    FrameCase("9 length of 125 in two bytes", [frame(0x82, length: [126, 0, 125])], "violation 1002"),
    FrameCase(
        "9 length of 65535 in eight bytes", [frame(0x82, length: [127, 0, 0, 0, 0, 0, 0, 255, 255])],
        "violation 1002"),
]
