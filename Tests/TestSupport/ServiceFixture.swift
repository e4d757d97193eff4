import Bus
import Endpoints
import EventLoop
import JSON
import Models
import Postgres

/// One instance of a service in this process, on a migrated database and a private Redis, and a bus that stands for
/// the edge.
@Loop package final class ServiceFixture {
    /// A superuser's view of the database.
    package let database: PostgresPool
    /// What the service itself asks the database with.
    package let pool: PostgresPool
    /// What the edge calls with.
    package let edge: Bus
    private let service: ServiceName

    /// Starts the service that `mount` mounts on its bus with a pool of its own role, runs `body`, and stops it.
    package static func run(
        _ service: ServiceName, role: String, mount: @Loop (PostgresPool, Bus) -> Void,
        _ body: @Loop (ServiceFixture) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        let name = try await server.createMigratedDatabase()
        let pool = server.pool(name, role: role) { $0.connectionLimit = 16 }
        let database = server.pool(name)
        try await RedisServer.run { redis in
            let bus = Bus(service: service, instance: "\(service.rawValue)-1", redis: redis.url, callers: .ofTests)
            mount(pool, bus)
            try await bus.start()
            let edge = Bus(service: .edgeRouter, instance: "edge-1", redis: redis.url)
            try await edge.start()
            let fixture = ServiceFixture(service, database: database, pool: pool, edge: edge)
            _ = await eventually { edge.instances(of: service).isEmpty ? nil : true }
            let result: Result<Void, any Error>
            do {
                result = .success(try await body(fixture))
            } catch {
                result = .failure(error)
            }
            await edge.stop(deadline: Loop.now)
            await bus.stop(deadline: Loop.now)
            await pool.close()
            await database.close()
            try result.get()
        }
    }

    private init(_ service: ServiceName, database: PostgresPool, pool: PostgresPool, edge: Bus) {
        self.service = service
        self.database = database
        self.pool = pool
        self.edge = edge
    }

    /// What a service answered.
    package struct Answer: Sendable {
        /// The HTTP status.
        package let status: Int
        /// The body; `null` when there is none.
        package let json: JSON
        /// `error.code` of a refusal.
        package var code: String? { json["error"]?["code"]?.string }
        /// `error.message` of a refusal.
        package var message: String? { json["error"]?["message"]?.string }
        /// The paths of `error.details`, in order.
        package var paths: [String] { json["error"]?["details"]?.array?.compactMap { $0["path"]?.string } ?? [] }
    }

    /// Calls a route as the edge would, with a JSON body or raw bytes.
    package func call(
        _ route: Route, as caller: Caller? = nil, path: [String: String] = [:], query: [String: String] = [:],
        headers: [String: String] = ["content-type": "application/json"], body: JSON? = nil, bytes: [UInt8]? = nil
    ) async throws -> Answer {
        let request = BusRequest(
            endpoint: route.name, path: path, query: query, headers: headers,
            caller: try caller.map { try $0.vouched }, requestId: "test-request",
            deadline: LoopInstant.current + route.deadline, body: bytes ?? body?.serialized() ?? [])
        let reply = try await edge.call(request, to: service)
        return Answer(status: reply.status, json: reply.body.isEmpty ? .null : try JSON(parsing: reply.body))
    }
}
