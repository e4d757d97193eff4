import Redis
import Testing

@Suite("A Redis URL") struct RedisURLTests {
    @Test(
        "is read in all its forms",
        arguments: [
            ("redis://localhost", RedisURL(.tcp(host: "localhost", port: 6379))),
            ("redis://cache:7000/2", RedisURL(.tcp(host: "cache", port: 7000), database: 2)),
            ("redis://:secret@cache", RedisURL(.tcp(host: "cache", port: 6379), password: "secret")),
            (
                "redis://app:p%40ss%3A@[::1]:6380/0",
                RedisURL(.tcp(host: "::1", port: 6380), user: "app", password: "p@ss:")
            ),
            ("redis://[::1]", RedisURL(.tcp(host: "::1", port: 6379))),
            ("unix:///run/redis.sock", RedisURL(.unix(path: "/run/redis.sock"))),
            (
                "unix://app:x@/run/redis.sock?db=3",
                RedisURL(.unix(path: "/run/redis.sock"), user: "app", password: "x", database: 3)
            ),
        ])
    func forms(text: String, url: RedisURL) throws {
        #expect(try RedisURL(parsing: text) == url)
    }

    @Test(
        "is refused with what is wrong",
        arguments: [
            ("localhost:6379", RedisURLError.scheme), ("rediss://cache", .scheme),
            ("redis://secret@cache", .credentials),
            ("redis://a:%zz@cache", .credentials), ("redis://", .host), ("redis://cache:0", .port),
            ("redis://cache:x", .port), ("redis://cache/x", .database), ("unix://relative", .path),
            ("unix:///\(String(repeating: "x", count: 107))", .path), ("unix:///s?x=1", .database),
        ])
    func refusals(text: String, error: RedisURLError) {
        #expect(throws: error) { try RedisURL(parsing: text) }
    }

    @Test("never prints its password")
    func redaction() throws {
        let url = try RedisURL(parsing: "redis://app:secret@cache:6379/1")
        #expect("\(url)" == "redis://cache:6379/1")
        #expect(String(reflecting: url) == "redis://cache:6379/1")
    }
}
