import EventLoop
import JSON
import Models
import ServiceRuntime

/// What accompanies a message between services.
package struct MessageContext: Sendable {
    /// The id that log lines, messages and mails caused by this message carry.
    package let requestId: String
    /// After this moment the caller no longer waits.
    package let deadline: LoopInstant
}

extension Bus {
    /// Mounts the handler of a message; each subject once, before ``start(within:)``.
    ///
    /// An `APIError` that it throws reaches the caller as ``BusError/refused(_:)``; any other is logged and becomes a
    /// 500.
    package func handle<Message: BusRequestMessage>(
        _ type: Message.Type, _ handler: @escaping @Loop (Message, MessageContext) async throws -> Message.Reply
    ) {
        serve(Message.endpoint) { request in
            do {
                let message = try JSON(parsing: request.body).decode(Message.self)
                let context = MessageContext(requestId: request.requestId, deadline: request.deadline)
                let reply = try await handler(message, context)
                return BusReply(status: 200, body: try JSON.text(encoding: reply))
            } catch {
                return BusReply(error, in: request)
            }
        }
    }

    /// Sends a message to the service that handles it and waits for the answer.
    ///
    /// A repeatable message that got no answer in half of its time is sent to another instance too.
    package func call<Message: BusRequestMessage>(
        _ message: Message, to target: BusTarget = .any, deadline: Duration = .seconds(5), requestId: String,
        isRepeatable: Bool = false
    ) async throws(BusError) -> Message.Reply {
        guard let body = try? JSON.text(encoding: message) else { throw .notDelivered }
        let request = BusRequest(
            endpoint: Message.endpoint, requestId: requestId, deadline: Loop.now + deadline, body: body)
        let reply = try await call(request, to: Message.service, target, isRepeatable: isRepeatable)
        guard reply.status == 200 else { throw .refused(reply) }
        do {
            return try JSON(parsing: reply.body).decode(Message.Reply.self)
        } catch {
            Log.error(
                "unreadable reply", ["subject": Message.subject, "error": String(describing: error)],
                requestId: requestId)
            throw .noAnswer
        }
    }

    /// Tells everybody who listens; what is lost is found by their sweep.
    package func publish<Hint: BusHint>(_ hint: Hint) {
        guard let text = try? JSON.text(encoding: hint) else { return }
        publish(text, to: Hint.endpoint)
    }

    /// Calls `handler` with every hint of a kind, in the loop turn in which it arrives; pair it with a sweep in
    /// ``onReconnect(_:)`` and at intervals.
    package func subscribe<Hint: BusHint>(_ type: Hint.Type, _ handler: @escaping @Loop (Hint) -> Void) {
        subscribe(Hint.endpoint) { bytes in
            do {
                handler(try JSON(parsing: bytes).decode(Hint.self))
            } catch {
                Log.error("unreadable hint", ["subject": Hint.subject, "error": String(describing: error)])
            }
        }
    }
}

extension BusMessage {
    /// The subject, with the version from the second on: both forms can be served side by side.
    static var endpoint: String { version == 1 ? subject : "\(subject).v\(version)" }
}
