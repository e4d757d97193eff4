import EventLoop
import Glibc
import JSON
import Redis

/// The least that a request and its reply over pub/sub can cost with this project's Redis connections: 400 bytes there
/// and back between two processes, one outstanding.
@Loop enum PublishedEcho {
    private static let requests = "bench.echo.requests"
    private static let replies = "bench.echo.replies"
    private static let message = [UInt8](repeating: UInt8(ascii: "x"), count: 400)

    static func serve(_ url: String) async throws {
        let url = try RedisURL(parsing: url)
        let connection = try await connected(to: url)
        let subscriber = RedisSubscriber(url)
        subscriber.subscribe(requests) { connection.send(["PUBLISH", .string(replies), .bytes($0)]) { _ in } }
        try await subscriber.subscribed(within: .seconds(5))
        try await announceReadiness()
    }

    static func ask(_ url: String, seconds: String) async throws -> JSON {
        let url = try RedisURL(parsing: url)
        let connection = try await connected(to: url)
        let subscriber = RedisSubscriber(url)
        var latencies = Latencies()
        let begin = LoopInstant.current
        let end = begin + .seconds(try number(seconds))
        let finished = Promise<Void, RedisError>(deadline: end + .seconds(5), failure: .deadline)
        var sentAt = begin
        @Loop func ask() {
            sentAt = LoopInstant.current
            connection.send(["PUBLISH", .string(requests), .bytes(message)]) { _ in }
        }
        subscriber.subscribe(replies) { _ in
            let now = LoopInstant.current
            latencies.add(now - sentAt)
            if now < end { ask() } else { finished.succeed(()) }
        }
        try await subscriber.subscribed(within: .seconds(5))
        ask()
        try await finished.value()
        return latencies.figures(over: LoopInstant.current - begin)
    }

    private static func connected(to url: RedisURL) async throws -> RedisConnection {
        let connection = RedisConnection(url)
        let deadline = LoopInstant.current + .seconds(5)
        while !connection.isConnected {
            guard LoopInstant.current < deadline else { throw RedisError.unavailable }
            try await Loop.sleep(for: .milliseconds(5))
        }
        return connection
    }
}
