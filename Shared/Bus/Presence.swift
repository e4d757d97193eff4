import EventLoop
import Models
import Redis

/// Who holds a device's socket: a gateway instance, and the session that it gave the socket.
package struct PresenceHolder: Sendable, Hashable {
    /// The gateway's instance.
    package let instance: String
    /// The session; a newer socket of the same device has another.
    package let session: String

    /// A holder; neither part may contain a space.
    package init(instance: String, session: String) {
        self.instance = instance
        self.session = session
    }

    init?(_ value: RedisValue) {
        guard let parts = value.string?.split(separator: " "), parts.count == 2 else { return nil }
        self.init(instance: String(parts[0]), session: String(parts[1]))
    }

    var argument: RedisArgument { "\(instance) \(session)" }
}

/// What became of a claim.
package enum PresenceClaim: Sendable, Equatable {
    /// The device is the claimer's; `previous` held it until now and must close its socket (4409).
    case claimed(previous: PresenceHolder?)
    /// Two sockets have been taking the device from each other: nobody gets it for this long.
    case damped(retryAfter: Duration)
}

/// The record, in Redis, of which gateway instance holds which device's socket. Redis may lose it: a refresh restores
/// what is missing.
@Loop package struct Presence {
    private static let lifetime = Duration.seconds(75)
    private static let takeoverLimit = 10
    private static let damping = Duration.seconds(60)

    private let redis: RedisConnection

    /// Presence on a bus' Redis.
    package init(_ bus: Bus) { redis = bus.redis }

    init(redis: RedisConnection) { self.redis = redis }

    /// Takes a device for a new socket, whoever held it; the tenth takeover within a minute succeeds and shuts the
    /// door behind it for a minute.
    package func claim(_ device: DeviceID, for holder: PresenceHolder) async throws(RedisError) -> PresenceClaim {
        let keys = ["presence:\(device)", "takeovers:\(device)", "damped:\(device)"] as [RedisArgument]
        let reply = try await claimScript.run(
            on: redis, keys: keys,
            arguments: [
                holder.argument, .integer(Self.lifetime.milliseconds), .integer(Int64(Self.takeoverLimit)),
                .integer(Self.damping.milliseconds),
            ])
        if let milliseconds = reply.integer { return .damped(retryAfter: .milliseconds(milliseconds)) }
        return .claimed(previous: reply.array?.first.flatMap { PresenceHolder($0) })
    }

    /// Prolongs what these sessions of one instance hold, and restores what Redis has lost; call it every 25 s.
    /// - Returns: the devices that somebody else holds by now: their sockets here are superseded.
    package func refresh(
        _ sessions: [(device: DeviceID, session: String)], instance: String
    ) async throws(RedisError) -> [DeviceID] {
        var lost: [DeviceID] = []
        for start in stride(from: 0, to: sessions.count, by: 1000) {
            let batch = sessions[start..<min(start + 1000, sessions.count)]
            let reply = try await refreshScript.run(
                on: redis, keys: batch.map { "presence:\($0.device)" },
                arguments: [.integer(Self.lifetime.milliseconds)]
                    + batch.map { PresenceHolder(instance: instance, session: $0.session).argument })
            for index in reply.array ?? [] {
                guard let index = index.integer, (1...batch.count).contains(Int(index)) else { continue }
                lost.append(batch[start + Int(index) - 1].device)
            }
        }
        return lost
    }

    /// Gives a device up, unless another session holds it already.
    package func release(_ device: DeviceID, held holder: PresenceHolder) async throws(RedisError) {
        _ = try await releaseScript.run(on: redis, keys: ["presence:\(device)"], arguments: [holder.argument])
    }

    /// The holders of these devices; a device without a socket is missing. One round trip for 1000 devices.
    package func holders(of devices: [DeviceID]) async throws(RedisError) -> [DeviceID: PresenceHolder] {
        var holders: [DeviceID: PresenceHolder] = [:]
        for start in stride(from: 0, to: devices.count, by: 1000) {
            let batch = devices[start..<min(start + 1000, devices.count)]
            let reply = try await redis.send(["MGET"] + batch.map { "presence:\($0)" })
            for (device, value) in zip(batch, reply.array ?? []) { holders[device] = PresenceHolder(value) }
        }
        return holders
    }
}

/// Answers the rest of the damping time as a number, or the previous holder in an array.
private let claimScript = RedisScript(
    """
    local damped = redis.call('PTTL', KEYS[3])
    if damped > 0 then return damped end
    local previous = redis.call('GET', KEYS[1])
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    if not previous or previous == ARGV[1] then return {} end
    local count = redis.call('INCR', KEYS[2])
    if count == 1 then redis.call('PEXPIRE', KEYS[2], ARGV[4]) end
    if count >= tonumber(ARGV[3]) then
        redis.call('SET', KEYS[3], '1', 'PX', ARGV[4])
        redis.call('DEL', KEYS[2])
    end
    return {previous}
    """)

private let refreshScript = RedisScript(
    """
    local lost = {}
    for index, key in ipairs(KEYS) do
        local holder = redis.call('GET', key)
        if not holder then
            redis.call('SET', key, ARGV[index + 1], 'PX', ARGV[1])
        elseif holder == ARGV[index + 1] then
            redis.call('PEXPIRE', key, ARGV[1])
        else
            lost[#lost + 1] = index
        end
    end
    return lost
    """)

private let releaseScript = RedisScript(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
