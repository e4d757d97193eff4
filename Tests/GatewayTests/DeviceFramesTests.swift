import JSON
import Models
import Testing

@testable import Gateway

@Suite("What an app may say") struct DeviceFramesTests {
    @Test(
        "is understood in every form of the contract, unknown fields included",
        arguments: [
            (#"{"type":"accepted","id":"cmd_1"}"#, InboundFrame.accepted("cmd_1")),
            (#"{"type":"ping","battery":12}"#, .ping),
            (#"{"type":"pong"}"#, .pong),
            (#"{"type":"result","id":"cmd_1","ok":true}"#, .result("cmd_1", .ok(data: [:]))),
            (#"{"type":"result","id":"cmd_1","ok":true,"data":null}"#, .result("cmd_1", .ok(data: [:]))),
            (
                #"{"type":"result","id":"cmd_1","ok":true,"data":{"receiptNumber":"7"}}"#,
                .result("cmd_1", .ok(data: ["receiptNumber": "7"]))
            ),
            (
                #"{"type":"result","id":"cmd_1","ok":false,"error":{"code":"E1","message":"m","retryable":true}}"#,
                .result("cmd_1", .error(CommandError(code: "E1", message: "m", retryable: true)))
            ),
            (
                #"{"type":"result","id":"cmd_1","ok":false,"error":{"code":"E1","message":"m"}}"#,
                .result("cmd_1", .error(CommandError(code: "E1", message: "m", retryable: false)))
            ),
            (
                #"{"type":"journal","entries":[{"id":"a","state":"running"},{"id":"b","state":"unknown"}]}"#,
                .journal([JournalEntry(commandId: "a", state: .running), JournalEntry(commandId: "b", state: .unknown)])
            ),
            (
                #"{"type":"journal","entries":[{"id":"a","state":"executed","ok":true,"data":{}}]}"#,
                .journal([JournalEntry(commandId: "a", state: .executed, answer: .ok(data: [:]))])
            ),
            (#"{"type":"status"}"#, .status(StatusFrame())),
            (
                #"{"type":"status","flags":{"paperEnd":true,"coverOpen":false},"fault":"E42"}"#,
                .status(StatusFrame(paperEnd: true, fault: "E42"))
            ),
        ])
    func understood(text: String, frame: InboundFrame) {
        #expect(InboundFrame(Array(text.utf8)) == frame)
    }

    @Test(
        "is malformed in any other form",
        arguments: [
            "", "{", "[]", "null", "7", #""ping""#, #"{"type":7}"#, #"{"type":"hello"}"#, #"{"type":"accepted"}"#,
            #"{"type":"accepted","id":""}"#, #"{"type":"accepted","id":7}"#, #"{"type":"result","id":"a"}"#,
            #"{"type":"result","id":"a","ok":"yes"}"#, #"{"type":"result","id":"a","ok":true,"data":[]}"#,
            #"{"type":"result","id":"a","ok":false}"#, #"{"type":"result","id":"a","ok":false,"error":{"code":"E"}}"#,
            #"{"type":"journal"}"#, #"{"type":"journal","entries":{}}"#,
            #"{"type":"journal","entries":[{"id":"a","state":"lost"}]}"#,
            #"{"type":"journal","entries":[{"id":"a","state":"executed"}]}"#,
            #"{"type":"status","flags":{"paperEnd":1}}"#, #"{"type":"status","flags":[]}"#,
            #"{"type":"status","fault":7}"#, #"{"type":"ping","type":"pong"}"#,
        ])
    func malformed(text: String) {
        #expect(InboundFrame(Array(text.utf8)) == nil)
    }

    @Test("refuses ids of unbounded length and nesting without end")
    func bounds() {
        let longId = String(repeating: "x", count: 129)
        #expect(InboundFrame(Array(#"{"type":"accepted","id":"\#(longId)"}"#.utf8)) == nil)
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        #expect(InboundFrame(Array(#"{"type":"ping","x":\#(deep)}"#.utf8)) == nil)
    }
}

@Suite("The flags of a device") struct DeviceFlagsTests {
    @Test("remember when each last turned true, and forget it when it turns false")
    func since() {
        var flags = DeviceFlags()
        flags.apply(StatusFrame(paperNearEnd: true), at: "2026-04-09T08:00:00.000Z")
        flags.apply(StatusFrame(paperNearEnd: true, coverOpen: true), at: "2026-04-09T09:00:00.000Z")
        #expect(flags.paperNearEndSince == "2026-04-09T08:00:00.000Z")
        #expect(flags.coverOpenSince == "2026-04-09T09:00:00.000Z")
        flags.apply(StatusFrame(coverOpen: true), at: "2026-04-09T10:00:00.000Z")
        flags.apply(StatusFrame(paperNearEnd: true), at: "2026-04-09T11:00:00.000Z")
        #expect(flags.paperNearEndSince == "2026-04-09T11:00:00.000Z")
        #expect(flags.coverOpenSince == nil)
    }
}
