import EventLoop
import Glibc
import Redis
import TestSupport
import Testing

@Suite("A connection to Redis", .timeLimit(.minutes(1))) @Loop struct RedisConnectionTests {
    @Test("carries any bytes both ways")
    func binarySafety() async throws {
        try await withConnection { _, redis in
            let bytes = (0...255).map { UInt8($0) } + Array("\r\n$5\r\n".utf8)
            try await redis.send("SET", .bytes(bytes), .bytes(bytes))
            #expect(try await redis.send("GET", .bytes(bytes)) == .bytes(bytes))
            #expect(try await redis.send("GET", "nothing") == .null)
        }
    }

    @Test("reads every kind of reply")
    func replies() async throws {
        try await withConnection { _, redis in
            let value = try await redis.send("EVAL", "return {1, 'a', {ok='b'}, {err='c'}, false, {}}", 0)
            #expect(value == .array([.integer(1), .bytes([97]), .status("b"), .error("c"), .null, .array([])]))
            #expect(try await redis.send("INCRBY", "n", .integer(-7)).integer == -7)
        }
    }

    @Test("passes a refusal on with its text and goes on")
    func refusal() async throws {
        try await withConnection { _, redis in
            try await redis.send("SET", "text", "x")
            let error = await #expect(throws: RedisError.self) { try await redis.send("INCR", "text") }
            #expect(error == .refused("ERR value is not an integer or out of range"))
            #expect(try await redis.send("PING") == .status("PONG"))
        }
    }

    @Test("answers ten thousand commands of one turn in order")
    func pipelining() async throws {
        try await withConnection { _, redis in
            var answers: [Int64] = []
            let done = Promise<Void, Never>()
            for number in 0..<10_000 {
                redis.send(["ECHO", .integer(Int64(number))]) { result in
                    answers.append((try? result.get())?.integer ?? -1)
                    if answers.count == 10_000 { done.succeed(()) }
                }
            }
            await done.value()
            #expect(answers == Array(0..<10_000))
        }
    }

    @Test("carries values larger than a socket buffer")
    func largeValues() async throws {
        try await withConnection { _, redis in
            let value = [UInt8](repeating: 7, count: 8 << 20)
            try await redis.send("SET", "large", .bytes(value))
            #expect(try await redis.send("GET", "large") == .bytes(value))
        }
    }

    @Test("refuses to hold more outstanding commands than its limit")
    func outstandingLimit() async throws {
        try await withConnection(limits: RedisConnection.Limits(outstandingCommands: 3)) { _, redis in
            var errors: [RedisError?] = []
            for _ in 0..<4 { redis.send(["PING"]) { errors.append($0.error) } }
            #expect(errors == [.overloaded])
            _ = await eventually { errors.count == 4 ? true : nil }
            #expect(errors == [.overloaded, nil, nil, nil])
        }
    }

    @Test("refuses to hold more unsent bytes than its limit")
    func unsentLimit() async throws {
        try await withConnection(limits: RedisConnection.Limits(unsentBytes: 1000)) { _, redis in
            var errors: [RedisError?] = []
            for _ in 0..<2 {
                redis.send(["ECHO", .bytes([UInt8](repeating: 1, count: 1000))]) { errors.append($0.error) }
            }
            #expect(errors == [.overloaded])
        }
    }

    @Test("fails outstanding commands when the connection is cut, and comes back by itself")
    func cut() async throws {
        try await withConnection { server, redis in
            let other = try await connected(to: server)
            defer { other.close() }
            let blocked = Task.immediate { @Loop in try await redis.send("BLPOP", "nothing", 0) }
            try await other.send("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            let error = await #expect(throws: RedisError.self) { try await blocked.value }
            #expect(error == .unavailable)
            #expect(await eventually { redis.isConnected ? true : nil } == true)
            #expect(try await redis.send("PING") == .status("PONG"))
        }
    }

    @Test("fails at once while the server is away, and works with the empty server that takes its place")
    func restart() async throws {
        try await withConnection { server, redis in
            try await redis.send("SET", "key", "value")
            try await server.stop()
            _ = await eventually { redis.isConnected ? nil : true }
            let error = await #expect(throws: RedisError.self) { try await redis.send("GET", "key") }
            #expect(error == .unavailable)
            try await server.start()
            #expect(await eventually { redis.isConnected ? true : nil } == true)
            #expect(try await redis.send("GET", "key") == .null)
        }
    }

    @Test("notices a server that went silent by the deadline of a command")
    func silence() async throws {
        try await withConnection(limits: RedisConnection.Limits(deadline: .milliseconds(100))) { server, redis in
            server.suspend()
            let error = await #expect(throws: RedisError.self) { try await redis.send("PING") }
            #expect(error == .deadline)
            #expect(await eventually { redis.isConnected ? nil : true } == true)
            server.resume()
            #expect(await eventually { redis.isConnected ? true : nil } == true)
        }
    }

    @Test("introduces itself with user, password and database")
    func credentials() async throws {
        try await withConnection { server, admin in
            try await admin.send("ACL", "SETUSER", "app", "on", ">p@ss", "~*", "&*", "+@all")
            let changes = Changes()
            let right = RedisURL(server.url.address, user: "app", password: "p@ss", database: 3)
            let redis = RedisConnection(right)
            defer { redis.close() }
            _ = await eventually { redis.isConnected ? true : nil }
            try await redis.send("SET", "key", "value")
            #expect(try await redis.send("ACL", "WHOAMI").string == "app")
            #expect(try await admin.send("DBSIZE") == .integer(0))
            let wrong = RedisURL(server.url.address, user: "app", password: "wrong")
            let refused = RedisConnection(wrong) { changes.all.append($0) }
            defer { refused.close() }
            let change = await eventually { changes.all.first }
            let reason = "WRONGPASS invalid username-password pair or user is disabled."
            #expect(change == .disconnected(reason: reason, wasConnected: false))
        }
    }

    @Test("connects over TCP by name, and keeps trying while nobody listens")
    func tcp() async throws {
        let port = try freePort()
        let changes = Changes()
        let redis = RedisConnection(RedisURL(.tcp(host: "localhost", port: port))) { changes.all.append($0) }
        defer { redis.close() }
        let refused = RedisConnectionState.disconnected(reason: "connect: Connection refused", wasConnected: false)
        #expect(await eventually { changes.all.contains(refused) ? true : nil } == true)
        try await RedisServer.run(options: ["--port", "\(port)", "--bind", "127.0.0.1", "::1"]) { _ in
            _ = await eventually { redis.isConnected ? true : nil }
            let pong = try await redis.send("PING")
            #expect(pong == .status("PONG"))
        }
    }

    private func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
            }
        }
        guard result == 0 else { throw SystemCallError("bind") }
        return UInt16(bigEndian: address.sin_port)
    }

    private func withConnection(
        limits: RedisConnection.Limits = .init(), _ body: @Loop (RedisServer, RedisConnection) async throws -> Void
    ) async throws {
        try await RedisServer.run { server in
            let redis = RedisConnection(server.url, limits: limits)
            defer { redis.close() }
            _ = await eventually { redis.isConnected ? true : nil }
            try await body(server, redis)
        }
    }

    private func connected(to server: RedisServer) async throws -> RedisConnection {
        let redis = RedisConnection(server.url)
        _ = await eventually { redis.isConnected ? true : nil }
        return redis
    }
}

@Loop private final class Changes {
    var all: [RedisConnectionState] = []
}

extension Result {
    fileprivate var error: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
