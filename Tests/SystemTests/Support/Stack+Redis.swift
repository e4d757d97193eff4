import EventLoop
import Redis
import TestSupport

extension Stack {
    /// A connection as one of Redis' users, once it stands.
    func redis(as user: String) async throws -> RedisConnection {
        let redis = RedisConnection(try redisURL(of: user))
        guard await eventually({ redis.isConnected ? true : nil }) != nil else { throw Failure.notRunning("redis") }
        return redis
    }

    /// What Redis has refused since its start, as its operator sees it: the user, the kind, and what was wanted.
    func refusals() async throws -> [String] {
        let redis = try await redis(as: "operator")
        defer { redis.close() }
        return try await redis.send("ACL", "LOG").array?.map { entry in
            let fields = entry.array ?? []
            let names = ["username", "reason", "object"].map { name in
                fields.firstIndex { $0.string == name }.flatMap { fields[$0 + 1].string } ?? "?"
            }
            return names.joined(separator: " ")
        } ?? []
    }
}
