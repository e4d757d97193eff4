import Crypto
import EventLoop
import Models
import Redis
import ServiceRuntime

/// Whom a call is meant for.
package enum BusTarget: Sendable, Equatable {
    /// Whichever instance of the service is less busy.
    case any
    /// This one and no other (the gateway that owns a socket).
    case instance(String)
}

/// The calling side: requests that wait for their reply.
@Loop final class Calls {
    typealias Completion = @Loop (Result<BusReply, BusError>) -> Void

    /// When the connection breaks under a `PUBLISH`, whether the request went out is unknown; a reply may still come,
    /// but it is not worth the whole deadline.
    private static let graceAfterLoss = Duration.seconds(1)
    private static let deliveryAttempts = 8
    private static let pendingBytesLimit = 64 << 20

    private let wire: Wire
    private let instances: InstanceMap
    private let inbox: String
    private let limit: Int
    private var pending: [UInt64: PendingCall] = [:]
    private var pendingBytes = 0
    private var lastNumber: UInt64 = 0
    private var generator = SystemRandomNumberGenerator()
    private var secrets: [UInt64] = []
    private let fetches = ReplyFetches()
    private var latencies: [ServiceName: Histogram] = [:]

    init(_ wire: Wire, instances: InstanceMap, inbox: String, limit: Int) {
        self.wire = wire
        self.instances = instances
        self.inbox = inbox
        self.limit = limit
    }

    var count: Int { pending.count }

    func send(
        _ request: BusRequest, to service: ServiceName, _ target: BusTarget, isRepeatable: Bool, isPatient: Bool,
        then completion: @escaping Completion
    ) {
        wire.statistics.calls += 1
        lastNumber += 1
        let number = lastNumber
        // Whoever answers some of this process' requests can write to its inbox: only who has this one knows its secret.
        let id = "\(String(nextSecret(), radix: 16))-\(number)"
        let envelope = RequestEnvelope(id: id, replyChannel: inbox, request: request)
        let message = envelope.encoded(at: wire.clock.now, now: Loop.now)
        let peer = choose(service, target)
        let channel = channel(service, target, peer)
        guard let channel, request.deadline > Loop.now, message.count <= Message.sizeLimit,
            pending.count < limit, pendingBytes < Self.pendingBytesLimit
        else {
            wire.statistics.notDelivered += 1
            return completion(.failure(.notDelivered))
        }
        let call = PendingCall(
            id: id, number: number, service: service, target: target, message: message, deadline: request.deadline,
            isRepeatable: isRepeatable && target == .any, isPatient: isPatient, completion: completion)
        pending[number] = call
        pendingBytes += message.count
        let patience = request.deadline - Loop.now
        arm(call, at: Loop.now + (call.isRepeatable ? patience / 2 : patience))
        deliver(call, to: channel, peer)
    }

    func received(_ message: [UInt8]) {
        guard let envelope = try? ReplyEnvelope(decoding: message) else {
            wire.statistics.malformedMessages += 1
            return
        }
        let parts = envelope.id.utf8.split(separator: UInt8(ascii: "-"))
        guard parts.count == 2, let number = UInt64(Substring(parts[1])), number <= lastNumber else {
            wire.statistics.unknownReplies += 1
            return
        }
        guard let call = pending[number] else {
            wire.statistics.lateReplies += 1
            return
        }
        guard envelope.id == call.id else {
            wire.statistics.unknownReplies += 1
            return
        }
        guard let reply = envelope.reply else { return refused(call) }
        guard let held = envelope.held else { return finish(call, .success(reply)) }
        guard !call.isBeingFetched else { return }
        call.isBeingFetched = true
        arm(call, at: call.deadline)
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            await fetch(reply, held, id: envelope.id, for: call)
        }
    }

    /// Fetches the body of a long reply from the instance that holds it.
    private func fetch(_ reply: BusReply, _ held: (instance: String, size: Int), id: String, for call: PendingCall)
        async
    {
        do throws(BusError) {
            let isWanted = { @Loop in self.pending[call.number] === call }
            let body = try await fetches.body(of: held.size, while: isWanted) { start throws(BusError) in
                let promise = Promise<BusReply, BusError>()
                let request = BusRequest(
                    endpoint: HeldReplies.endpoint, path: ["id": id, "start": String(start)], requestId: id,
                    deadline: call.deadline)
                let owner = BusTarget.instance(held.instance)
                send(request, to: call.service, owner, isRepeatable: false, isPatient: call.isPatient) { result in
                    switch result {
                    case .success(let piece): promise.succeed(piece)
                    case .failure(let error): promise.fail(error)
                    }
                }
                return try await promise.value()
            }
            guard let body, pending[call.number] === call else { return }
            finish(call, .success(BusReply(status: reply.status, headers: reply.headers, body: body)))
        } catch {
            if pending[call.number] === call { finish(call, .failure(.noAnswer)) }
        }
    }

    /// Takes the calls back that wait for nobody but instances which have left the map.
    func abandonSilent() {
        for call in pending.values where !call.isPatient && call.peers.allSatisfy({ !instances.contains($0) }) {
            guard call.isRepeatable, let next = choose(call.service, .any) else {
                finish(call, .failure(.noAnswer))
                continue
            }
            arm(call, at: call.deadline)
            wire.statistics.retries += 1
            deliver(call, to: next.instance.requestChannel, next)
        }
    }

    func failAll() {
        for call in pending.values { finish(call, .failure(.noAnswer)) }
    }

    /// The kernel is asked for sixty-four at a time.
    private func nextSecret() -> UInt64 {
        if secrets.isEmpty {
            secrets = Random.bytes(64 * MemoryLayout<UInt64>.size).withUnsafeBytes {
                Array($0.bindMemory(to: UInt64.self))
            }
        }
        return secrets.removeLast()
    }

    private func choose(_ service: ServiceName, _ target: BusTarget, except: String? = nil) -> Peer? {
        switch target {
        case .any: instances.pick(service, except: except, using: &generator)
        case .instance(let id): instances.peer(service, id)
        }
    }

    private func channel(_ service: ServiceName, _ target: BusTarget, _ peer: Peer?) -> String? {
        if let peer { return peer.instance.requestChannel }
        // An instance that is not in the map may be alive all the same; the number of receivers will tell.
        guard case .instance(let id) = target else { return nil }
        return Instance(service: service, id: id, load: 0).requestChannel
    }

    private func deliver(_ call: PendingCall, to channel: String, _ peer: Peer?) {
        call.attempts += 1
        if let peer {
            call.peers.append(peer)
            peer.inFlight += 1
        }
        let canSend = wire.redis.isConnected
        wire.publish(call.message, to: channel) { [self] result in
            guard pending[call.number] === call else { return }
            switch result {
            case .success(let receivers) where receivers > 0:
                call.deliveries += 1
            case .success, .failure(.refused), .failure(.overloaded):
                missed(call, peer)
            case .failure(.unavailable) where !canSend:
                missed(call, nil)
            case .failure(.unavailable), .failure(.deadline):
                arm(call, at: min(call.deadline, Loop.now + Self.graceAfterLoss), isLast: true)
            }
        }
    }

    /// Nobody received this attempt.
    private func missed(_ call: PendingCall, _ peer: Peer?) {
        guard call.deliveries == 0 else { return }
        if let peer { instances.forget(call.service, peer.instance.id) }
        guard call.target == .any, peer != nil, call.attempts < Self.deliveryAttempts,
            let next = choose(call.service, .any)
        else { return finish(call, .failure(.notDelivered)) }
        wire.statistics.retries += 1
        deliver(call, to: next.instance.requestChannel, next)
    }

    /// An instance received this call and did not execute it: it has too much to do, or does not serve such yet.
    private func refused(_ call: PendingCall) {
        call.deliveries -= 1
        guard call.deliveries <= 0 else { return }
        guard call.target == .any, call.attempts < Self.deliveryAttempts,
            let next = choose(call.service, .any, except: call.peers.last?.instance.id)
        else { return finish(call, .failure(.notDelivered)) }
        wire.statistics.retries += 1
        deliver(call, to: next.instance.requestChannel, next)
    }

    private func arm(_ call: PendingCall, at instant: LoopInstant, isLast: Bool = false) {
        call.timer?.cancel()
        call.timer = Loop.schedule(at: instant) { [self] in
            call.peers.last?.isSuspect = true
            if isLast || instant >= call.deadline { return finish(call, .failure(.noAnswer)) }
            arm(call, at: call.deadline)
            guard let next = choose(call.service, .any, except: call.peers.last?.instance.id) else { return }
            wire.statistics.retries += 1
            deliver(call, to: next.instance.requestChannel, next)
        }
    }

    private func finish(_ call: PendingCall, _ result: Result<BusReply, BusError>) {
        pending[call.number] = nil
        pendingBytes -= call.message.count
        call.timer?.cancel()
        for peer in call.peers { peer.inFlight -= 1 }
        switch result {
        case .success: break
        case .failure(.notDelivered): wire.statistics.notDelivered += 1
        case .failure(.noAnswer), .failure(.refused): wire.statistics.noAnswer += 1
        }
        latency(of: call.service)?.observe(LoopInstant.current - call.since)
        call.completion(result)
    }

    private func latency(of service: ServiceName) -> Histogram? {
        if let known = latencies[service] { return known }
        let latency = wire.metrics?.histogram(
            "ebon_bus_call_seconds",
            "From a request to another service to its reply, or to the end of the wait for it.",
            ["to": service.rawValue])
        latencies[service] = latency
        return latency
    }
}

@Loop private final class PendingCall {
    let id: String
    let number: UInt64
    let service: ServiceName
    let target: BusTarget
    let deadline: LoopInstant
    let isRepeatable: Bool
    let isPatient: Bool
    let completion: Calls.Completion
    let message: [UInt8]
    let since = LoopInstant.current
    var peers: [Peer] = []
    var attempts = 0
    /// Attempts that somebody received and has not refused.
    var deliveries = 0
    /// A long reply has been announced; no other one counts any more.
    var isBeingFetched = false
    var timer: LoopTimer?

    init(
        id: String, number: UInt64, service: ServiceName, target: BusTarget, message: [UInt8], deadline: LoopInstant,
        isRepeatable: Bool, isPatient: Bool, completion: @escaping Calls.Completion
    ) {
        self.id = id
        self.number = number
        self.service = service
        self.target = target
        self.message = message
        self.deadline = deadline
        self.isRepeatable = isRepeatable
        self.isPatient = isPatient
        self.completion = completion
    }
}
