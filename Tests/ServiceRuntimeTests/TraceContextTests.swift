import HTTP
import Testing

@testable import ServiceRuntime

@Suite("A trace context") struct TraceContextTests {
    private static let parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

    @Test(
        "is taken over as it came, or not at all",
        arguments: [
            (parent, true),
            // A later version may say more.
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what.comes", true),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01what", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4bf92f-00f067aa0ba902b7-01", false), ("", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01", false),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-a\u{1}b", false),
            ("01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-" + String(repeating: "x", count: 100), false),
        ])
    func wellFormed(text: String, isTaken: Bool) {
        #expect(TraceContext(["traceparent": text])?.parent == (isTaken ? text : nil))
    }

    @Test("brings its state along, unless that is too long")
    func state() {
        let headers: HTTPHeaders = ["traceparent": Self.parent, "tracestate": "a=1", "Tracestate": "b=2"]
        #expect(TraceContext(headers)?.state == "a=1,b=2")
        #expect(TraceContext(["traceparent": Self.parent])?.state == nil)
        #expect(TraceContext(parent: Self.parent, state: String(repeating: "x", count: 513))?.state == nil)
    }

    @Test("stands in the lines of what is done in it, and in no others")
    func lines() async throws {
        let trace = try #require(TraceContext(parent: Self.parent, state: nil))
        #expect(TraceContext.current == nil)
        await trace.run { #expect(TraceContext.current == trace) }
        let line = LogLine(
            time: "T", level: .info, service: "edge", instance: "e1", message: "m", requestId: "r", trace: trace,
            fields: [:])
        #expect(
            String(decoding: line.bytes, as: UTF8.self)
                == #"{"time":"T","level":"info","service":"edge","instance":"e1","message":"m","requestId":"r","#
                + #""traceId":"4bf92f3577b34da6a3ce929d0e0e4736"}"# + "\n")
    }
}
