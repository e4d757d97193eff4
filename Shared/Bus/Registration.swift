import EventLoop
import Redis

/// Makes this instance known to the others, and the others to this one.
///
/// Each instance keeps a key with a short life, listed in a set, and says on one channel every second that it is
/// alive. Everybody may speak there, but only a service can write the keys of its instances: who is not known yet is
/// looked up before it is believed, so that no service can pass for another and be sent its requests and sockets.
@Loop final class Registration {
    static let channel = "instances"
    private static let set = "instances"
    private static let interval = Duration.seconds(1)
    private static let keyLifetime = Duration.seconds(5)
    private static let keyPrefix = Array("instance:".utf8)
    private static let pause = Duration.milliseconds(20)
    private static let mostNewcomers = 256

    var instance: Instance
    private let wire: Wire
    private let instances: InstanceMap
    private let load: @Loop () -> Int?
    private let onSilence: @Loop () -> Void
    private var lastBeat: LoopInstant?
    private var timer: LoopTimer?
    private var redis: RedisConnection { wire.redis }
    private var isAnnouncing = false
    private var newcomers: Set<String> = []
    private var isPausing = false

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
        } else if !instances.heard(instance, at: now) {
            lookUp(instance)
        }
    }

    /// Reads what everybody has announced, and drops from the list whose key has run out.
    func sweep() async throws(RedisError) {
        let members = (try await redis.send("SMEMBERS", .string(Self.set)).array ?? []).compactMap(\.bytes)
        let keys = Array(members.filter { $0.starts(with: Self.keyPrefix) }.prefix(InstanceMap.limit))
        let gone = try await read(keys) + members.filter { !$0.starts(with: Self.keyPrefix) }
        if !gone.isEmpty { try await redis.send(["SREM", .string(Self.set)] + gone.map { .bytes($0) }) }
    }

    private func lookUp(_ instance: Instance) {
        guard newcomers.count < Self.mostNewcomers else { return }
        newcomers.insert(instance.key)
        if !isPausing { lookUpNewcomers() }
    }

    /// The first at once, those who come within the pause after it together.
    private func lookUpNewcomers() {
        isPausing = !newcomers.isEmpty
        guard isPausing else { return }
        let keys = newcomers.map { Array($0.utf8) }
        newcomers = []
        Loop.schedule(after: Self.pause) { [self] in lookUpNewcomers() }
        // Who is not found now speaks again in a second.
        Task.immediate(executorPreference: Loop.executor) { @Loop in _ = try? await read(keys) }
    }

    /// Puts those whose keys say so into the map.
    /// - Returns: the keys that do not exist.
    private func read(_ keys: [[UInt8]]) async throws(RedisError) -> [[UInt8]] {
        guard !keys.isEmpty else { return [] }
        let values = try await redis.send(["MGET"] + keys.map { .bytes($0) }).array ?? []
        var missing: [[UInt8]] = []
        for (key, value) in zip(keys, values) {
            guard let bytes = value.bytes else {
                missing.append(key)
                continue
            }
            guard let (instance, _) = Instance.announcement(bytes), key.elementsEqual(instance.key.utf8) else {
                continue
            }
            instances.seen(instance, at: Loop.now)
        }
        return missing
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
