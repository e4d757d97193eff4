import EventLoop
import Redis

/// Makes this instance known to the others, and the others to this one.
///
/// Each instance keeps a key with a short life, listed in a set, and says on one channel every second that it is
/// alive: the channel feeds the map, key and set tell a newcomer what was said before it listened.
@Loop final class Registration {
    static let channel = "instances"
    private static let set = "instances"
    private static let interval = Duration.seconds(1)
    private static let keyLifetime = Duration.seconds(5)

    var instance: Instance
    private let wire: Wire
    private let instances: InstanceMap
    private let load: @Loop () -> Int?
    private let onSilence: @Loop () -> Void
    private var lastBeat: LoopInstant?
    private var timer: LoopTimer?
    private var redis: RedisConnection { wire.redis }
    private var isAnnouncing = false

    /// `load` answers nil while requests cannot reach the instance; `onSilence` is called when others have left the
    /// map because nothing was heard of them.
    init(
        _ instance: Instance, wire: Wire, instances: InstanceMap, load: @escaping @Loop () -> Int?,
        onSilence: @escaping @Loop () -> Void
    ) {
        self.instance = instance
        self.wire = wire
        self.instances = instances
        self.load = load
        self.onSilence = onSilence
    }

    /// Begins to announce the instance, once requests can reach it.
    func begin() {
        isAnnouncing = true
        beat()
    }

    /// Takes the instance out of every map; requests that are on their way still arrive.
    func leave() async {
        guard isAnnouncing else { return }
        isAnnouncing = false
        redis.send(["SREM", .string(Self.set), .string(instance.key)]) { _ in }
        redis.send(["DEL", .string(instance.key)]) { _ in }
        _ = try? await redis.send("PUBLISH", .string(Self.channel), .bytes(instance.json(leaving: true)))
    }

    func close() {
        isAnnouncing = false
        timer?.cancel()
    }

    func received(_ message: [UInt8], at now: LoopInstant = Loop.now) {
        guard let (instance, isLeaving) = Instance.announcement(message) else { return }
        if isLeaving {
            instances.forget(instance.service, instance.id)
        } else {
            instances.seen(instance, at: now)
        }
    }

    /// Reads what everybody has announced, and drops from the list whose key has run out.
    func sweep() async throws(RedisError) {
        let keys = try await redis.send("SMEMBERS", .string(Self.set)).array ?? []
        let arguments = keys.prefix(InstanceMap.limit).compactMap { $0.bytes.map { RedisArgument.bytes($0) } }
        guard !arguments.isEmpty else { return }
        let values = try await redis.send(["MGET"] + arguments).array ?? []
        var gone: [RedisArgument] = []
        for (key, value) in zip(arguments, values) {
            if let bytes = value.bytes { received(bytes) } else { gone.append(key) }
        }
        if !gone.isEmpty { try await redis.send(["SREM", .string(Self.set)] + gone) }
    }

    /// Drops who has fallen silent; but a process that was itself held up has only not listened.
    func forgetSilent(at now: LoopInstant) {
        let wasHeldUp = lastBeat.map { now - $0 > InstanceMap.lifetime } ?? false
        lastBeat = now
        if !wasHeldUp, instances.expire(at: now) { onSilence() }
    }

    /// One beat of the clock: forget the silent, and say that this one is alive.
    func beat() {
        timer?.cancel()
        timer = Loop.schedule(after: Self.interval) { [weak self] in self?.beat() }
        forgetSilent(at: Loop.now)
        Task.immediate(executorPreference: Loop.executor) { @Loop [wire] in
            await wire.clock.synchronize(with: wire.redis)
        }
        guard isAnnouncing, let load = load() else { return }
        instance.load = load
        let json = instance.json()
        let lifetime = Self.keyLifetime.milliseconds
        redis.send(["SET", .string(instance.key), .bytes(json), "PX", .integer(lifetime)]) { _ in }
        redis.send(["SADD", .string(Self.set), .string(instance.key)]) { _ in }
        redis.send(["PUBLISH", .string(Self.channel), .bytes(json)]) { _ in }
    }
}
