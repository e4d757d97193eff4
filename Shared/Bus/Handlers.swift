import EventLoop
import ServiceRuntime

/// The serving side: the handlers of this instance and the requests that they are executing.
@Loop final class Handlers {
    typealias Handler = @Loop (BusRequest) async -> BusReply

    private static let rememberedIdentifiers = 16384

    private let wire: Wire
    private let instance: String
    private let limit: Int
    private let held = HeldReplies()
    private var handlers: [String: (handle: Handler, latency: Histogram?)] = [:]
    private var recent = RecentIdentifiers(capacity: rememberedIdentifiers)
    private var idle: [Promise<Void, Never>] = []

    init(_ wire: Wire, instance: String, limit: Int) {
        self.wire = wire
        self.instance = instance
        self.limit = limit
    }

    private(set) var running = 0

    var names: Set<String> { Set(handlers.keys) }

    func add(_ name: String, _ handler: @escaping Handler) {
        let latency = wire.metrics?.histogram(
            "ebon_bus_request_seconds", "From the arrival of another service's request to its reply.",
            ["endpoint": name])
        precondition(handlers.updateValue((handler, latency), forKey: name) == nil, "\(name) is mounted twice")
    }

    func received(_ message: [UInt8]) {
        guard let envelope = try? RequestEnvelope(decoding: message, at: wire.clock.now, now: Loop.now),
            envelope.replyChannel.hasPrefix("inbox.")
        else {
            wire.statistics.malformedMessages += 1
            return
        }
        guard recent.insert(envelope.id) else {
            wire.statistics.duplicateRequests += 1
            return
        }
        guard envelope.request.deadline > Loop.now else {
            wire.statistics.expiredRequests += 1
            return
        }
        if envelope.request.endpoint == HeldReplies.endpoint {
            return send(ReplyEnvelope(id: envelope.id, reply: held.piece(envelope.request)).encoded(), to: envelope)
        }
        guard running < limit, let handler = handlers[envelope.request.endpoint] else {
            wire.statistics.refusedRequests += 1
            // It may come again when all others have refused it, too.
            recent.remove(envelope.id)
            return refuse(envelope)
        }
        wire.statistics.requests += 1
        running += 1
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            let request = envelope.request
            let start = LoopInstant.current
            let reply: BusReply
            if let trace = request.trace {
                reply = await trace.run { await handler.handle(request) }
            } else {
                reply = await handler.handle(request)
            }
            handler.latency?.observe(LoopInstant.current - start)
            if reply.body.count > Message.pieceSize {
                announce(reply, to: envelope)
            } else {
                send(ReplyEnvelope(id: envelope.id, reply: reply).encoded(), to: envelope)
                finished()
            }
        }
    }

    private func finished() {
        running -= 1
        if running == 0 { becameIdle() }
    }

    /// A long reply counts as being executed until it has been fetched.
    private func announce(_ reply: BusReply, to envelope: RequestEnvelope) {
        var answer = ReplyEnvelope(id: envelope.id, reply: .tooLong)
        if reply.body.count <= Message.replyLimit {
            if held.hold(reply.body, of: envelope.id, until: envelope.request.deadline, onEnd: { self.finished() }) {
                answer = ReplyEnvelope(
                    id: envelope.id, reply: BusReply(status: reply.status, headers: reply.headers),
                    held: (instance, reply.body.count))
                return send(answer.encoded(), to: envelope) { [held] in held.drop(envelope.id) }
            }
            answer = ReplyEnvelope(id: envelope.id, reply: .tooMuchHeld)
        }
        send(answer.encoded(), to: envelope)
        finished()
    }

    /// Waits until nothing runs, until `deadline` at the latest.
    func drained(deadline: LoopInstant) async {
        guard running > 0 else { return }
        let promise = Promise<Void, Never>()
        idle.append(promise)
        let timer = Loop.schedule(at: deadline) { promise.succeed(()) }
        await promise.value()
        timer.cancel()
    }

    private func becameIdle() {
        for promise in idle { promise.succeed(()) }
        idle = []
    }

    private func refuse(_ envelope: RequestEnvelope) {
        send(ReplyEnvelope(id: envelope.id, reply: nil).encoded(), to: envelope)
    }

    private func send(
        _ message: [UInt8], to envelope: RequestEnvelope, ifGone: @escaping @Loop () -> Void = {}
    ) {
        wire.publish(message, to: envelope.replyChannel) { [wire] result in
            if (try? result.get()) ?? 0 == 0 {
                wire.statistics.undeliveredReplies += 1
                ifGone()
            }
        }
    }
}
