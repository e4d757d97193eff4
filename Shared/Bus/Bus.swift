import Crypto
import EventLoop
import Models
import Redis
import ServiceRuntime

/// The only place that carries messages between services: requests with a reply, hints, and who is there.
///
/// Everything travels over Redis pub/sub, at most once: a request has a deadline, a hint only says "look at the
/// database now". One connection sends and one receives, per process.
@Loop package final class Bus {
    /// What a bus may hold at a time.
    package struct Limits: Sendable {
        /// Calls that wait for their reply; further ones fail at once.
        package var pendingCalls: Int
        /// Requests that are being executed; further ones are answered 503 at once.
        package var runningRequests: Int

        /// Limits that suit a service.
        package init(pendingCalls: Int = 16384, runningRequests: Int = 4096) {
            self.pendingCalls = pendingCalls
            self.runningRequests = runningRequests
        }
    }

    /// The command connection, shared with whoever keeps something in Redis (presence, rate limits).
    package let redis: RedisConnection

    private let subscriber: RedisSubscriber
    let wire: Wire
    private let instances = InstanceMap()
    private let calls: Calls
    private let handlers: Handlers
    let callers: CallerVerifier
    let registration: Registration

    /// Starts connecting; ``start(within:)`` waits for it.
    ///
    /// `instance` must be unique among living processes: it names the channels.
    /// `callers` is what edges sign callers with: an instance without it serves open endpoints only.
    /// `clock` is the host's; a test may give it another.
    package init(
        service: ServiceName, instance: String, redis url: RedisURL, callers: SignedCaller? = nil,
        limits: Limits = Limits(), clock: @escaping @Loop () -> Timestamp = { .now() }
    ) {
        let own = Instance(service: service, id: instance, load: 0)
        redis = RedisConnection(url) { log($0, of: "commands") }
        subscriber = RedisSubscriber(url) { log($0, of: "subscriptions") }
        wire = Wire(redis, clock: BusClock(local: clock))
        calls = Calls(wire, instances: instances, inbox: own.inbox, limit: limits.pendingCalls)
        let handlers = Handlers(wire, instance: instance, limit: limits.runningRequests)
        self.handlers = handlers
        self.callers = CallerVerifier(signature: callers, clock: wire.clock)
        registration = Registration(own, wire: wire, instances: instances) { [subscriber] in
            subscriber.isSubscribed ? handlers.running : nil
        } onSilence: { [calls] in
            calls.abandonSilent()
        }
        subscriber.subscribe(own.inbox) { [calls] in calls.received($0) }
        subscriber.subscribe(own.requestChannel) { handlers.received($0) }
        subscriber.subscribe(Registration.channel) { [registration] in registration.received($0) }
        subscriber.onReconnect { [registration] in
            registration.beat()
            Task.immediate(executorPreference: Loop.executor) { @Loop in try? await registration.sweep() }
        }
    }

    /// This instance, as it is announced.
    package var instance: Instance { registration.instance }

    /// True while requests can be sent and received.
    package var isReady: Bool { redis.isConnected && subscriber.isSubscribed }

    /// The time by the clock that all instances share, whatever their hosts' clocks say: for what one of them decides
    /// and another compares.
    package var time: Timestamp { wire.clock.now }

    /// What has happened so far.
    package var statistics: BusStatistics { wire.statistics }

    /// How many calls wait for their reply.
    package var pendingCalls: Int { calls.count }

    /// How many requests are being executed.
    package var runningRequests: Int { handlers.running }

    /// The names that handlers are mounted by.
    package var mounted: Set<String> { handlers.names }

    /// Waits for both connections, learns who is there, and announces this instance: mount the handlers first.
    /// - Throws: ``RedisError/deadline`` if Redis does not answer in time; the attempts go on nevertheless.
    package func start(within deadline: Duration = .seconds(10)) async throws(RedisError) {
        try await subscriber.subscribed(within: deadline)
        let connected = LoopInstant.current + deadline
        while !redis.isConnected {
            guard LoopInstant.current < connected else { throw .deadline }
            try? await Loop.sleep(for: .milliseconds(4))
        }
        await wire.clock.synchronize(with: redis)
        try await registration.sweep()
        registration.begin()
    }

    /// Says where else than on the bus this instance is reached (`host:port`); part of its announcement from then on.
    package func announce(address: String) {
        registration.instance.address = address
        registration.beat()
    }

    /// Leaves the registry; requests that are on their way are still executed.
    package func leave() async { await registration.leave() }

    /// Closes the connections without a word, as the end of the process would.
    package func abandon() {
        registration.close()
        subscriber.close()
        calls.failAll()
        redis.close()
    }

    /// Leaves the registry, finishes what runs until `deadline` at the latest, and closes the connections.
    package func stop(deadline: LoopInstant) async {
        await registration.leave()
        await handlers.drained(deadline: deadline)
        // What was published before the others heard of the leaving is still to be answered.
        try? await Loop.sleep(for: .milliseconds(20))
        await handlers.drained(deadline: deadline)
        // The last replies must be with Redis before the connection closes.
        _ = try? await redis.send("PING")
        abandon()
    }

    /// The bus as a part of a process. Put it before the components that serve through it, so that it outlives them.
    package nonisolated var component: Component {
        Component("bus") {
            try await self.start()
        } stop: {
            await self.stop(deadline: $0)
        }
    }

    /// The part of stopping that comes first. Put it after the components that serve through the bus: the process then
    /// leaves the registry before they stop, and finishes what still arrives.
    package nonisolated var withdrawal: Component {
        Component("bus withdrawal", stop: { _ in await self.leave() })
    }

    /// Mounts the handler of an endpoint or message; each name once.
    package func serve(_ name: String, _ handler: @escaping @Loop (BusRequest) async -> BusReply) {
        handlers.add(name, handler)
    }

    /// Sends a request and calls `completion` once: with the reply, or with the reason why there is none.
    ///
    /// A repeatable request (a read without side effects) that got no answer in half of its time is sent to another
    /// instance too; the first answer counts. An instance of which nothing was heard for three seconds (frozen, cut
    /// off) may still answer: a call that is not `isPatient` does not wait for it, but goes to another one if it is
    /// repeatable, and fails with ``BusError/noAnswer`` otherwise.
    package func call(
        _ request: BusRequest, to service: ServiceName, _ target: BusTarget = .any, isRepeatable: Bool = false,
        isPatient: Bool = true, then completion: @escaping @Loop (Result<BusReply, BusError>) -> Void
    ) {
        calls.send(
            request, to: service, target, isRepeatable: isRepeatable, isPatient: isPatient, then: completion)
    }

    /// Sends a request and waits for the reply, until the request's deadline at the latest; see the callback form.
    package func call(
        _ request: BusRequest, to service: ServiceName, _ target: BusTarget = .any, isRepeatable: Bool = false,
        isPatient: Bool = true
    ) async throws(BusError) -> BusReply {
        let promise = Promise<BusReply, BusError>()
        call(request, to: service, target, isRepeatable: isRepeatable, isPatient: isPatient) { result in
            switch result {
            case .success(let reply): promise.succeed(reply)
            case .failure(let error): promise.fail(error)
            }
        }
        return try await promise.value()
    }

    /// Publishes to a channel; what is lost is lost.
    package func publish(_ message: [UInt8], to channel: String) { wire.publish(message, to: channel) { _ in } }

    /// Calls `handler` with every message of a channel from now on, in the loop turn in which it arrives.
    package func subscribe(_ channel: String, _ handler: @escaping @Loop ([UInt8]) -> Void) {
        subscriber.subscribe(channel, handler)
    }

    /// Calls `handler` after every (re)connection, the first one included: what was published meanwhile is gone, so
    /// look for it where it is kept.
    package func onReconnect(_ handler: @escaping @Loop () -> Void) { subscriber.onReconnect(handler) }

    /// The instances of a service that are alive as far as is known.
    package func instances(of service: ServiceName) -> [Instance] { instances.instances(of: service) }
}

@Loop private func log(_ state: RedisConnectionState, of connection: String) {
    switch state {
    case .connected:
        Log.info("connected to Redis", ["connection": connection])
    case .disconnected(let reason, wasConnected: true):
        Log.error("lost the connection to Redis", ["connection": connection, "reason": reason])
    case .disconnected(let reason, wasConnected: false):
        Log.debug("no connection to Redis", ["connection": connection, "reason": reason])
    }
}
