import Testing

@testable import ServiceRuntime

@Suite("Lines of the log") struct LogLineTests {
    @Test("a line is one JSON object that ends with a line feed")
    func shape() {
        #expect(
            line("started", requestId: "r-1", fields: ["port": 8080, "name": "acme", "fast": true, "key": Secret("s")])
                == #"{"time":"T","level":"info","service":"edge","instance":"e1","message":"started","requestId":"r-1","#
                + #""fields":{"port":8080,"name":"acme","fast":true,"key":"•••"}}"# + "\n")
    }

    @Test("no fields and no request id leave no trace")
    func minimal() {
        #expect(
            line("m") == #"{"time":"T","level":"info","service":"edge","instance":"e1","message":"m"}"# + "\n")
    }

    @Test(
        "nothing in a text ends the line or the string",
        arguments: [
            (#"a"b\c"#, #"a\"b\\c"#), ("a\nb\r\tc", #"a\nb\r\tc"#), ("\u{1}\u{1b}[2J", #"\u0001\u001b[2J"#),
            ("\u{0}\u{7f}\u{85}\u{9b}", "����"), ("\u{2028}\u{2029}", "��"), ("țară 🧾", "țară 🧾"),
        ])
    func escapes(text: String, escaped: String) {
        #expect(line(text).contains(#""message":"\#(escaped)"}"#))
        #expect(line("m", fields: [text: text]).contains(#"{"\#(escaped)":"\#(escaped)"}"#))
    }

    @Test("a long text is cut, and the line stays whole")
    func bounds() {
        let cut = line(String(repeating: "ă", count: 1_000_000), fields: ["a": String(repeating: "b", count: 5000)])
        #expect(cut.utf8.count < 10_000)
        #expect(cut.hasSuffix("b…\"}}\n"))
    }

    @Test("numbers that JSON cannot hold are written as text")
    func infinities() {
        #expect(line("m", fields: ["a": Double.infinity, "b": 0.5]).contains(#"{"a":"inf","b":0.5}"#))
    }

    private func line(_ message: String, requestId: String? = nil, fields: LogFields = [:]) -> String {
        let line = LogLine(
            time: "T", level: .info, service: "edge", instance: "e1", message: message, requestId: requestId,
            fields: fields)
        return String(decoding: line.bytes, as: UTF8.self)
    }
}
