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
            (#"a"b\c"#, #"a\"b\\c"#), ("a\nb\r\tc", #"a\nb\r\tc"#), ("\u{0}\u{1b}[2J\u{7f}", #"\u0000\u001b[2J\u007f"#),
            ("\u{85}\u{9b}", #"\u0085\u009b"#), ("\u{2028}\u{2029}", #"\u2028\u2029"#), ("țară 🧾", "țară 🧾"),
        ])
    func escapes(text: String, escaped: String) {
        #expect(line(text).contains(#""message":"\#(escaped)"}"#))
        #expect(line("m", fields: [text: text]).contains(#"{"\#(escaped)":"\#(escaped)"}"#))
    }

    @Test("a long text is cut and a flood of fields ends, and the line stays whole")
    func bounds() {
        let long = String(repeating: "ă", count: 1_000_000)
        let flooded = line(
            long, fields: ["a": long, "b": long, "c": long, "d": long, "e": long, "f": long, "g": long])
        #expect(flooded.utf8.count < 24_000)
        #expect(flooded.hasSuffix("…\"}}\n"))
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
