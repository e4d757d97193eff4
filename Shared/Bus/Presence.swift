import EventLoop
import Models
import Redis

/// Who holds a device's socket: a gateway instance, the session that it gave the socket, and the session's epoch.
package struct PresenceHolder: Sendable, Hashable {
    /// The gateway's instance.
    package let instance: String
    /// The session; a newer socket of the same device has another.
    package let session: String
    /// Grows with every new socket of the device: of two holders the one with the higher epoch is right.
    package let epoch: Int64

    /// A holder; neither text may contain a space.
    package init(instance: String, session: String, epoch: Int64) {
        self.instance = instance
        self.session = session
        self.epoch = epoch
    }

    init?(_ value: RedisValue) {
        guard let parts = value.string?.split(separator: " "), parts.count == 3, let epoch = Int64(parts[2])
        else { return nil }
        self.init(instance: String(parts[0]), session: String(parts[1]), epoch: epoch)
    }

    var argument: RedisArgument { "\(instance) \(session) \(epoch)" }
}

/// What became of a claim.
package enum PresenceClaim: Sendable, Equatable {
    /// The device is the claimer's; `previous` held it until now and must close its socket (4409); nil if nobody did
    /// or its gateway is no longer there.
    case claimed(previous: PresenceHolder?)
    /// A socket with a higher epoch holds it: the claimer's is not the newest.
    case superseded
    /// Two sockets have been taking the device from each other: nobody gets it for this long.
    case damped(retryAfter: Duration)
}

/// The record, in Redis, of which gateway instance holds which device's socket. Redis may lose it: a refresh restores
/// what is missing.
@Loop package struct Presence {
    private static let lifetime = Duration.seconds(75)
    private static let takeoverLimit = 10
    private static let damping = Duration.seconds(60)
    private static let channelPrefix = Instance(service: .gateway, id: "", load: 0).requestChannel

    private let redis: RedisConnection

    /// Presence on a bus' Redis.
    package init(_ bus: Bus) { redis = bus.redis }

    init(redis: RedisConnection) { self.redis = redis }

    /// Takes a device for a new socket, whoever held it; the tenth takeover within any minute succeeds and shuts the
    /// door behind it for a minute. Taking it from a gateway that is no longer there is none: nobody fights.
    package func claim(_ device: DeviceID, for holder: PresenceHolder) async throws(RedisError) -> PresenceClaim {
        let keys = ["presence:\(device)", "takeovers:\(device)", "damped:\(device)"] as [RedisArgument]
        let reply = try await claimScript.run(
            on: redis, keys: keys,
            arguments: [
                holder.argument, .integer(holder.epoch), .integer(Self.lifetime.milliseconds),
                .integer(Int64(Self.takeoverLimit)),
                .integer(Self.damping.milliseconds), "\(Self.channelPrefix)",
            ])
        if let milliseconds = reply.integer {
            return milliseconds == 0 ? .superseded : .damped(retryAfter: .milliseconds(milliseconds))
        }
        return .claimed(previous: reply.array?.first.flatMap { PresenceHolder($0) })
    }

    /// Prolongs what these sockets hold, and restores what Redis has lost or an older socket has taken; call it every
    /// 25 s.
    /// - Returns: the indexes of those whose device a newer socket holds by now: they are superseded.
    package func refresh(
        _ sockets: [(device: DeviceID, holder: PresenceHolder)]
    ) async throws(RedisError) -> [Int] {
        var lost: [Int] = []
        for start in stride(from: 0, to: sockets.count, by: 1000) {
            let batch = sockets[start..<min(start + 1000, sockets.count)]
            let reply = try await refreshScript.run(
                on: redis, keys: batch.map { "presence:\($0.device)" },
                arguments: [.integer(Self.lifetime.milliseconds)]
                    + batch.flatMap { [$0.holder.argument, .integer($0.holder.epoch)] })
            for case let index? in (reply.array ?? []).map(\.integer) where (1...batch.count).contains(Int(index)) {
                lost.append(start + Int(index) - 1)
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

/// Answers the rest of the damping time as a number, 0 if a newer socket holds the device, or the previous holder in an
/// array. The moments of the last takeovers, newest first, are a list.
private let claimScript = RedisScript(
    """
    local damped = redis.call('PTTL', KEYS[3])
    if damped > 0 then return damped end
    local previous = redis.call('GET', KEYS[1])
    if previous and tonumber(string.match(previous, '%d+$')) > tonumber(ARGV[2]) then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
    if not previous or previous == ARGV[1] then return {} end
    local listening = redis.call('PUBSUB', 'NUMSUB', ARGV[6] .. string.match(previous, '^%S+'))[2]
    if listening == 0 then return {} end
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    redis.call('LPUSH', KEYS[2], now)
    redis.call('LTRIM', KEYS[2], 0, ARGV[4] - 1)
    redis.call('PEXPIRE', KEYS[2], ARGV[5])
    local oldest = redis.call('LINDEX', KEYS[2], ARGV[4] - 1)
    if oldest and now - oldest < tonumber(ARGV[5]) then
        redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
        redis.call('DEL', KEYS[2])
    end
    return {previous}
    """)

private let refreshScript = RedisScript(
    """
    local lost = {}
    for index, key in ipairs(KEYS) do
        local mine, epoch = ARGV[2 * index], tonumber(ARGV[2 * index + 1])
        local holder = redis.call('GET', key)
        if holder == mine then
            redis.call('PEXPIRE', key, ARGV[1])
        elseif not holder or tonumber(string.match(holder, '%d+$')) < epoch then
            redis.call('SET', key, mine, 'PX', ARGV[1])
        else
            lost[#lost + 1] = index
        end
    end
    return lost
    """)

private let releaseScript = RedisScript(
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0")
