import HTTP

/// The place of a request in the trace of whoever sent it (W3C Trace Context), taken over as it is: it stands in the
/// log lines of everything that the request does directly, and goes on with what it asks of others.
///
/// Nothing here makes spans of its own, so that the parent's id stays the sender's (section 3.4 of the recommendation).
package struct TraceContext: Sendable, Equatable {
    /// That of the task which runs; nil outside a traced request. A worker that a request starts but that serves others
    /// too must not inherit it: start it at the end of the loop's turn.
    @TaskLocal package static var current: TraceContext?

    private static let longestState = 512

    /// The `traceparent` field.
    package let parent: String
    /// The `tracestate` field; absent when there was none, or one that is too long to be passed on.
    package let state: String?

    /// A context that has come in; nil unless `parent` is well-formed, in which case the sender has no trace.
    package init?(parent: String?, state: String?) {
        guard let parent, Self.isWellFormed(parent) else { return nil }
        self.parent = parent
        self.state = state.flatMap { $0.isEmpty || $0.utf8.count > Self.longestState ? nil : $0 }
    }

    /// What the header fields of a request say.
    package init?(_ headers: HTTPHeaders) {
        guard let parent = headers["traceparent"] else { return nil }
        self.init(parent: parent, state: headers.values(of: "tracestate").joined(separator: ","))
    }

    /// 32 hexadecimal digits: what log lines of different systems have in common.
    package var traceId: Substring { parent.dropFirst(3).prefix(32) }

    /// Runs `body` as part of this trace.
    package func run<Value>(_ body: () async -> Value) async -> Value {
        await Self.$current.withValue(self) { await body() }
    }

    /// `version-traceid-parentid-flags`; a later version may add fields, none may have an id of zeroes.
    private static func isWellFormed(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count >= 55, bytes.count <= 128, bytes.count == 55 || bytes[55] == UInt8(ascii: "-") else {
            return false
        }
        let fields = bytes.prefix(55).split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard fields.map(\.count) == [2, 32, 16, 2], fields.allSatisfy({ $0.allSatisfy(isLowercaseHex) }) else {
            return false
        }
        let isVersionZero = fields[0].elementsEqual("00".utf8)
        return !fields[0].elementsEqual("ff".utf8) && (!isVersionZero || bytes.count == 55)
            && !fields[1].allSatisfy { $0 == UInt8(ascii: "0") } && !fields[2].allSatisfy { $0 == UInt8(ascii: "0") }
            && bytes.dropFirst(55).allSatisfy { (0x21...0x7e).contains($0) }
    }

    private static func isLowercaseHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
