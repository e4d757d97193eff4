import Bus
import EventLoop
import JSON
import Models
import Postgres
import ServiceRuntime
import TestSupport

@testable import CommandDispatcher

/// Dispatchers on a private database and Redis, with a gateway whose devices do what a test says.
@Loop final class DispatcherFixture {
    let redis: RedisServer
    let postgres: PostgresServer
    let database: String
    /// The database as its owner sees it.
    let owner: PostgresPool
    private(set) var dispatchers: [Dispatcher] = []
    let gateway: FakeGateway
    /// Of all replicas.
    let metrics = Metrics()
    private let edge: Bus

    /// Starts `replicas` dispatchers, whose sweeps run only when a test says so.
    static func run(
        replicas: Int = 1, patience: Duration = .seconds(20), _ body: @Loop (DispatcherFixture) async throws -> Void
    ) async throws {
        let postgres = try await PostgresServer.shared()
        let database = try await postgres.createMigratedDatabase()
        try await RedisServer.run { redis in
            let fixture = try await DispatcherFixture(redis, postgres, database)
            for number in 1...replicas { try await fixture.start("dispatcher-\(number)", patience: patience) }
            try await body(fixture)
            await fixture.stop()
        }
    }

    private init(_ redis: RedisServer, _ postgres: PostgresServer, _ database: String) async throws {
        self.redis = redis
        self.postgres = postgres
        self.database = database
        owner = postgres.pool(database)
        _ = try await owner.query(Self.seed[0])
        for statement in Self.seed.dropFirst() { _ = try await owner.query(statement) }
        gateway = FakeGateway(redis)
        edge = Bus(service: .edgeRouter, instance: "edge-1", redis: redis.url)
        try await gateway.bus.start()
        try await edge.start()
    }

    private func start(_ instance: String, patience: Duration) async throws {
        let pool = postgres.pool(database, role: "ebon_dispatch") { $0.connectionLimit = 8 }
        let bus = Bus(service: .commandDispatcher, instance: instance, redis: redis.url, callers: .ofTests)
        dispatchers.append(Dispatcher(pool: pool, bus: bus, metrics: metrics, patience: patience))
        try await bus.start()
        let all = [gateway.bus, edge]
        _ = await eventually {
            all.allSatisfy { $0.instances(of: .commandDispatcher).contains { $0.id == instance } }
                && bus.instances(of: .gateway).count == 1 ? true : nil
        }
    }

    private func stop() async {
        for bus in dispatchers.map(\.bus) + [gateway.bus, edge] { await bus.stop(deadline: Loop.now) }
        for pool in dispatchers.map(\.pool) + [owner] { await pool.close() }
    }

    private static let seed: [Statement] = [
        """
        INSERT INTO org.organizations (org_id, name, cui) VALUES ('acme_corp', 'Acme', '12345678'), ('other', 'Other', '23')
        """,
        """
        INSERT INTO org.locations (location_id, org_id, name, address)
        VALUES ('loc_main', 'acme_corp', 'Main', 'Street 1'), ('loc_other', 'other', 'Main', 'Street 1')
        """,
        """
        INSERT INTO org.devices (
            device_id, org_id, location_id, name, protocol, transport, connection_params, controller_id, controller_name)
        SELECT 'dev_' || n, 'acme_corp', 'loc_main', 'POS', 'datecs_compact', 'tcp', '{}', 'instance_a', 'Counter A'
        FROM generate_series(1, 10) AS n
        """,
        """
        INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
        VALUES ('dev_unclaimed', 'acme_corp', 'loc_main', 'POS', 'datecs_compact', 'tcp', '{}'),
            ('dev_foreign', 'other', 'loc_other', 'POS', 'datecs_compact', 'tcp', '{}')
        """,
    ]

    /// What the edge makes of an HTTP request.
    func request(
        _ endpoint: String, path: [String: String] = [:], query: [String: String] = [:], body: JSON? = nil,
        key: String? = nil, scopes: [Scope] = [.all], orgId: OrgID = "acme_corp"
    ) async throws -> (status: Int, body: JSON, headers: [String: String]) {
        let caller = Caller(apiKeyId: "apikey_1", orgId: orgId, plan: .enterprise, scopes: scopes)
        var headers: [String: String] = [:]
        if body != nil { headers["content-type"] = "application/json" }
        headers["idempotency-key"] = key
        let reply = try await edge.call(
            BusRequest(
                endpoint: endpoint, path: path, query: query, headers: headers, caller: try caller.vouched,
                requestId: "request-1", deadline: Loop.now + .seconds(10), body: body?.serialized() ?? []),
            to: .commandDispatcher)
        return (reply.status, reply.body.isEmpty ? .null : try JSON(parsing: reply.body), reply.headers)
    }

    /// Orders a command and returns its id.
    func order(_ type: CommandType = "print_receipt", _ payload: JSON? = nil, of device: DeviceID) async throws
        -> CommandID
    {
        let body: JSON = [
            "type": .string(type.rawValue),
            "payload": payload ?? (type == "print_receipt" ? Self.receipt : [:]),
        ]
        let answer = try await request("devices.commands.create", path: ["deviceId": device.rawValue], body: body)
        guard answer.status == 201, let id = answer.body["id"]?.string else { throw Refused(body: answer.body) }
        return CommandID(id)
    }

    struct Refused: Error { let body: JSON }

    static let receipt: JSON = [
        "items": [["name": "Coffee", "quantity": 2, "price": 10, "vatRate": 9]],
        "payments": [["type": "cash", "amount": 20]],
    ]

    func command(_ id: CommandID) async throws -> JSON {
        try await request("commands.get", path: ["commandId": id.rawValue]).body
    }

    /// The command as soon as it has this status.
    func command(_ id: CommandID, when status: String) async throws -> JSON? {
        try await eventually {
            let command = try await self.command(id)
            return command["status"]?.string == status ? command : Optional.none
        }
    }

    /// Lets so much time pass for a command as if it had been ordered earlier.
    func age(_ id: CommandID, by seconds: Int = 180) async throws {
        _ = try await owner.query(
            """
            UPDATE dispatch.commands
            SET created_at = created_at - $2 * interval '1 second', expires_at = expires_at - $2 * interval '1 second',
                sent_at = sent_at - $2 * interval '1 second', query_at = query_at - $2 * interval '1 second'
            WHERE command_id = $1
            """, [id, seconds])
    }

    func sweep() async throws {
        for dispatcher in dispatchers { try await dispatcher.sweep.turn() }
    }

    /// The types of a command's events, in order.
    func events(of id: CommandID) async throws -> [String] {
        try await owner.query(
            "SELECT type FROM bus.outbox WHERE data ->> 'commandId' = $1 ORDER BY id", [id]
        ).map { try $0.string("type") }
    }

    func count(_ table: String) async throws -> Int {
        try await owner.query(Statement("SELECT count(*)::integer AS n FROM \(table)"))[0].int("n")
    }

    func receipts(of device: DeviceID) async throws -> [JSON] {
        try await request("devices.receipts", path: ["deviceId": device.rawValue]).body["receipts"]?.array ?? []
    }
}
