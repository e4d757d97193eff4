import EventLoop
import ServiceRuntime

/// A request on its way from one instance to another: what the edge has matched and checked, and the body untouched.
package struct BusRequest: Sendable {
    /// The name of the endpoint or message that the receiver mounts its handler by.
    package var endpoint: String
    /// The values of the path's parameters, decoded.
    package var path: [String: String]
    /// The query's fields, decoded.
    package var query: [String: String]
    /// The few header fields that handlers need, by lower-case name.
    package var headers: [String: String]
    /// Who calls, as an edge has established and signed it (`SignedCaller.vouch`); absent on open endpoints and between
    /// services.
    package var caller: String?
    /// The id that log lines, messages and mails caused by this request carry.
    package var requestId: String
    /// The trace that the request belongs to, if its sender has one.
    package var trace: TraceContext?
    /// After this moment the caller no longer waits.
    package var deadline: LoopInstant
    /// The body's bytes as they came in.
    package var body: [UInt8]

    /// A request, in the trace of the task that makes it; everything that an inner call does not need is empty by
    /// default.
    package init(
        endpoint: String, path: [String: String] = [:], query: [String: String] = [:], headers: [String: String] = [:],
        caller: String? = nil, requestId: String, trace: TraceContext? = .current, deadline: LoopInstant,
        body: [UInt8] = []
    ) {
        self.endpoint = endpoint
        self.path = path
        self.query = query
        self.headers = headers
        self.caller = caller
        self.requestId = requestId
        self.trace = trace
        self.deadline = deadline
        self.body = body
    }
}

/// The reply to a request: an HTTP response without its connection.
package struct BusReply: Sendable, Equatable {
    /// The HTTP status.
    package var status: Int
    /// Header fields of the response, by lower-case name.
    package var headers: [String: String]
    /// The body's bytes, which the edge passes on untouched.
    package var body: [UInt8]

    /// A reply.
    package init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
