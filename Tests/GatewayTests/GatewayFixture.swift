import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import Postgres
import ServiceRuntime
import TestSupport

@testable import Gateway

/// Gateways on a private database and Redis, with a dispatcher and apps that do what a test says. Nothing that a
/// gateway does at intervals happens by itself.
@Loop final class GatewayFixture {
    let redis: RedisServer
    let postgres: PostgresServer
    let database: String
    /// The database as its owner sees it.
    let owner: PostgresPool
    let dispatcher: FakeDispatcher
    private(set) var gateways: [Gateway] = []
    private(set) var pools: [PostgresPool] = []
    private var ports: [UInt16] = []
    private let eventSockets: EventSocketLimits
    let tokens = JSONWebTokens.portal(
        keys: SigningKeys(current: Array("a secret of the sessions".utf8), previous: nil))

    static let apiKey = Caller(apiKeyId: "apikey_1", orgId: "acme_corp", plan: .pro, scopes: [.devicesWrite])

    static func run(
        gateways count: Int = 1,
        eventSockets: EventSocketLimits = EventSocketLimits(perOrganization: 100, perProcess: 100),
        _ body: @Loop (GatewayFixture) async throws -> Void
    ) async throws {
        let postgres = try await PostgresServer.shared()
        let database = try await postgres.createMigratedDatabase()
        try await RedisServer.run { redis in
            let fixture = try await GatewayFixture(redis, postgres, database, eventSockets)
            for number in 1...count { try await fixture.start("gateway-\(number)") }
            try await body(fixture)
            await fixture.stop()
        }
    }

    private init(
        _ redis: RedisServer, _ postgres: PostgresServer, _ database: String, _ eventSockets: EventSocketLimits
    ) async throws {
        self.eventSockets = eventSockets
        self.redis = redis
        self.postgres = postgres
        self.database = database
        owner = postgres.pool(database)
        for statement in Self.seed { _ = try await owner.query(statement) }
        dispatcher = FakeDispatcher(redis)
        try await dispatcher.bus.start()
    }

    private func start(_ instance: String) async throws {
        let pool = postgres.pool(database, role: "ebon_gateway")
        let bus = Bus(service: .gateway, instance: instance, redis: redis.url, callers: .ofTests)
        let gateway = Gateway(
            pool: pool, bus: bus, metrics: Metrics(), signature: .ofTests, tokens: tokens,
            eventSockets: eventSockets)
        try await bus.start()
        try await gateway.heartbeat(at: .current)
        ports.append(try gateway.server.listen(host: "127.0.0.1", port: 0))
        gateways.append(gateway)
        pools.append(pool)
        _ = await eventually {
            gateways.allSatisfy { $0.bus.instances(of: .commandDispatcher).count == 1 } ? true : nil
        }
    }

    private func stop() async {
        for gateway in gateways {
            await gateway.server.drain(within: .zero)
            await gateway.sockets.drain(over: .zero, until: .current + .seconds(2))
            await gateway.events.drain(over: .zero, until: .current + .seconds(2))
            await gateway.writer.drain(until: .current + .seconds(2))
        }
        for bus in gateways.map(\.bus) + [dispatcher.bus] { await bus.stop(deadline: Loop.now) }
        for pool in pools + [owner] { await pool.close() }
    }

    private static let seed: [Statement] = [
        "INSERT INTO org.organizations (org_id, name, cui) VALUES ('acme_corp', 'Acme', '12345678'), ('other', 'Other', '23')",
        """
        INSERT INTO org.locations (location_id, org_id, name, address)
        VALUES ('loc_main', 'acme_corp', 'Main', 'Street 1'), ('loc_other', 'other', 'Main', 'Street 1')
        """,
        """
        INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
        SELECT 'dev_' || n, 'acme_corp', 'loc_main', 'POS', 'datecs_compact', 'tcp', '{}' FROM generate_series(1, 5) AS n
        """,
        """
        INSERT INTO org.devices (device_id, org_id, location_id, name, protocol, transport, connection_params)
        VALUES ('dev_foreign', 'other', 'loc_other', 'POS', 'datecs_compact', 'tcp', '{}')
        """,
        """
        INSERT INTO org.api_keys (api_key_id, org_id, key_sha256, prefix, label, scopes)
        VALUES ('apikey_1', 'acme_corp', repeat('a', 64), 'ebon_live_acme_corp_', 'App', '{devices:write}'),
            ('apikey_reader', 'acme_corp', repeat('b', 64), 'ebon_live_acme_corp_', 'ERP', '{devices:read}')
        """,
    ]

    /// Opens a socket as the edge does for a caller.
    func open(
        _ query: String, to gateway: Int = 0, as caller: Caller = apiKey, expiresAt: Timestamp? = nil,
        signedWith signature: SignedCaller = .ofTests
    ) async throws -> FakeApp {
        let payload = try JSON(encoding: VouchedCaller(caller: caller, expiresAt: expiresAt)).serialized()
        let until = Timestamp.now().milliseconds / 1000 + 30
        let app = FakeApp()
        let socket = try await WebSocketClient.connect(
            "ws://127.0.0.1:\(ports[gateway])/ws?\(query)",
            headers: [SignedCaller.headerName: signature.sign(payload, expiresAt: until)],
            subprotocols: ["ebon.device.v1"]
        ) { app.listen(to: $0) }
        app.socket = socket
        return app
    }

    /// Opens a socket of a device and waits for the welcome.
    func connect(_ device: DeviceID, to gateway: Int = 0) async throws -> FakeApp {
        let app = try await open("deviceId=\(device)&appVersion=4.2&deviceModel=T2&osVersion=13", to: gateway)
        guard await app.frame("welcome") != nil else { throw NoAnswer() }
        return app
    }

    struct NoAnswer: Error {}

    /// What the handshake was refused with.
    func refusal(
        _ query: String, as caller: Caller = apiKey, signedWith signature: SignedCaller = .ofTests
    ) async throws -> (status: Int, body: JSON)? {
        do {
            _ = try await open(query, as: caller, signedWith: signature)
            return nil
        } catch HTTPClientError.refused(let response) {
            return (response.status.rawValue, try JSON(parsing: response.body))
        }
    }

    /// What the first gateway answers a reader of devices.
    func get(
        _ route: Route, _ device: DeviceID? = nil, of organization: OrgID = "acme_corp"
    ) async throws -> (status: Int, body: JSON) {
        let caller = Caller(apiKeyId: "apikey_1", orgId: organization, plan: .pro, scopes: [.devicesRead])
        let bus = dispatcher.bus
        _ = await eventually { bus.instances(of: .gateway).isEmpty ? nil : true }
        let reply = try await bus.call(
            BusRequest(
                endpoint: route.name, path: device.map { ["deviceId": $0.rawValue] } ?? [:], query: [:], headers: [:],
                caller: try caller.vouched, requestId: "test-request",
                deadline: LoopInstant.current + route.deadline, body: []), to: .gateway)
        return (reply.status, try JSON(parsing: reply.body))
    }

    /// The persisted status, once it is `status`.
    func status(of device: DeviceID, becomes status: String) async throws -> Bool {
        try await eventually(within: .seconds(5)) {
            let rows = try await self.owner.query(
                "SELECT status FROM gateway.device_state WHERE device_id = $1", [device])
            return try rows.first?.string("status") == status ? true : nil
        } ?? false
    }

    /// The events of a device, oldest first; `device.status` with what it says.
    func events(of device: DeviceID) async throws -> [String] {
        try await owner.query(
            """
            SELECT type || coalesce(' ' || (data ->> 'status'), ' ' || (data ->> 'code'), '') AS event
            FROM bus.outbox WHERE data ->> 'deviceId' = $1 ORDER BY xid, id
            """, [device]
        ).map { try $0.string("event") }
    }

    /// Waits until everything that has happened so far is written.
    func settled(_ gateway: Int = 0) async { await gateways[gateway].writer.drain(until: .current + .seconds(5)) }

    func claim(_ snapshot: DeviceSnapshot) async throws {
        _ = try await Presence(dispatcher.bus).claim(snapshot.deviceId, for: snapshot.holder)
    }

    func holder(of device: DeviceID) async throws -> PresenceHolder? {
        try await Presence(dispatcher.bus).holders(of: [device])[device]
    }
}
