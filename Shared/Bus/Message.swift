import EventLoop
import JSON
import Models
import ServiceRuntime

/// Why received bytes are no message.
enum MessageFormatError: Error, Equatable {
    case tooLarge
    case malformed
}

/// The wire format of requests and replies: a line with a JSON header, then the body's bytes as they are.
enum Message {
    /// Larger messages are neither sent nor read.
    static let sizeLimit = 2 << 20
    /// A reply with a longer body is fetched in pieces of this size. Redis cuts a subscriber off for whom too much waits,
    /// so that nobody may be sent much that he has not asked for.
    static let pieceSize = 512 << 10
    /// Longer bodies are not sent.
    static let replyLimit = 32 << 20
    private static let headerLimit = 64 << 10
    static let version = 1

    static func decoded(_ bytes: [UInt8]) throws(MessageFormatError) -> (header: JSONObject, body: [UInt8]) {
        guard bytes.count <= sizeLimit else { throw .tooLarge }
        // The header holds no raw line feed: JSON strings must escape it.
        guard let end = bytes.prefix(headerLimit).firstIndex(of: UInt8(ascii: "\n")),
            let header = try? JSON(parsing: bytes[..<end], depthLimit: 8).object, header["v"]?.integer == Int64(version)
        else { throw .malformed }
        return (header, Array(bytes[(end + 1)...]))
    }
}

/// A request with what only the two ends of the bus need to know.
struct RequestEnvelope {
    let id: String
    let replyChannel: String
    let request: BusRequest

    /// `time` is the reading of the clock that all instances share: the deadline crosses hosts.
    func encoded(at time: Timestamp, now: LoopInstant) -> [UInt8] {
        var header = HeaderWriter(id: id, bodySize: request.body.count)
        header.member("reply", replyChannel)
        header.member("endpoint", request.endpoint)
        header.member("requestId", request.requestId)
        header.member("deadline", time.milliseconds + (request.deadline - now).milliseconds)
        header.member("path", request.path)
        header.member("query", request.query)
        header.member("headers", request.headers)
        if let caller = request.caller { header.member("caller", caller) }
        if let trace = request.trace {
            header.member("traceparent", trace.parent)
            if let state = trace.state { header.member("tracestate", state) }
        }
        return header.finished(with: request.body)
    }

    init(id: String, replyChannel: String, request: BusRequest) {
        self.id = id
        self.replyChannel = replyChannel
        self.request = request
    }

    init(decoding bytes: [UInt8], at time: Timestamp, now: LoopInstant) throws(MessageFormatError) {
        let (header, body) = try Message.decoded(bytes)
        guard let id = header["id"]?.string, let reply = header["reply"]?.string,
            let endpoint = header["endpoint"]?.string, let requestId = header["requestId"]?.string,
            let deadline = header["deadline"]?.integer, deadline > 0
        else { throw .malformed }
        self.id = id
        replyChannel = reply
        request = BusRequest(
            endpoint: endpoint, path: try header.strings("path"), query: try header.strings("query"),
            headers: try header.strings("headers"), caller: header["caller"]?.string, requestId: requestId,
            trace: TraceContext(parent: header["traceparent"]?.string, state: header["tracestate"]?.string),
            deadline: now + .milliseconds(deadline - time.milliseconds),
            body: body)
    }
}

/// A reply with the id of the request that it answers; without a reply, the request was refused unexecuted.
struct ReplyEnvelope {
    let id: String
    let reply: BusReply?
    /// For a reply whose body is to be fetched: whose it is, and its size.
    var held: (instance: String, size: Int)?

    func encoded() -> [UInt8] {
        var header = HeaderWriter(id: id, bodySize: reply?.body.count ?? 0)
        if let reply {
            header.member("status", Int64(reply.status))
            header.member("headers", reply.headers)
            if let held {
                header.member("heldBy", held.instance)
                header.member("size", Int64(held.size))
            }
        } else {
            header.member("refused", .bool(true))
        }
        return header.finished(with: reply?.body ?? [])
    }

    init(id: String, reply: BusReply?, held: (instance: String, size: Int)? = nil) {
        self.id = id
        self.reply = reply
        self.held = held
    }

    init(decoding bytes: [UInt8]) throws(MessageFormatError) {
        let (header, body) = try Message.decoded(bytes)
        guard let id = header["id"]?.string else { throw .malformed }
        self.id = id
        if header["refused"]?.bool == true {
            reply = nil
        } else {
            guard let status = header["status"]?.integer, (100...599).contains(status) else { throw .malformed }
            reply = BusReply(status: Int(status), headers: try header.strings("headers"), body: body)
            if let instance = header["heldBy"]?.string, let size = header["size"]?.integer {
                guard (1...Int64(Message.replyLimit)).contains(size) else { throw .malformed }
                held = (instance, Int(size))
            }
        }
    }
}

extension JSONObject {
    fileprivate func strings(_ name: String) throws(MessageFormatError) -> [String: String] {
        guard let value = self[name] else { return [:] }
        guard let members = value.object?.members else { throw .malformed }
        var strings: [String: String] = [:]
        for member in members {
            guard let text = member.value.string else { throw .malformed }
            strings[member.name] = text
        }
        return strings
    }
}
