import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import Redis
import ServiceRuntime
import TestSupport
import Testing

@testable import EdgeRouter

/// An edge in this process, on a private Redis, with one owner of all routes behind it on the bus.
@Loop final class EdgeFixture {
    static let tokens = JSONWebTokens.portal(keys: SigningKeys(current: Array(repeating: 1, count: 32)))

    let redis: RedisServer
    let client: HTTPClient
    let endpoint: StreamEndpoint
    let owner: Bus
    let metrics = Metrics()
    let tunnels: SocketTunnels
    /// What the owner was asked, by endpoint.
    private(set) var requests: [BusRequest] = []
    private(set) var questions = 0
    /// What the owner answers about credentials; missing ones are none.
    var callers: [String: Caller] = [:]
    private let bus: Bus
    private let server: HTTPServer

    static func run(
        _ settings: LimitSettings = LimitSettings(), proxies: TrustedProxies = TrustedProxies([]),
        maximumTunnels: Int = 10,
        _ body: @Loop (EdgeFixture) async throws -> Void
    ) async throws {
        try await RedisServer.run { redis in
            let fixture = try await EdgeFixture(redis, settings, proxies, maximumTunnels)
            try await body(fixture)
            fixture.client.close()
            await fixture.server.drain(within: .milliseconds(50))
            fixture.bus.abandon()
            fixture.owner.abandon()
        }
    }

    private init(
        _ redis: RedisServer, _ settings: LimitSettings, _ proxies: TrustedProxies, _ maximumTunnels: Int
    ) async throws {
        self.redis = redis
        owner = Bus(service: .orgLocations, instance: "owner", redis: redis.url)
        bus = Bus(service: .edgeRouter, instance: "edge", redis: redis.url)
        tunnels = SocketTunnels(bus: bus, signature: .ofTests, limit: maximumTunnels, metrics: metrics)
        let edge = try Edge(
            routes: TestRoutes.all, settings: settings, proxies: proxies,
            credentials: Credentials(tokens: Self.tokens, signature: .ofTests, metrics: metrics, bus: bus),
            limiter: RateLimiter(redis: bus.redis, metrics: metrics), forwarder: Forwarder(bus: bus), tunnels: tunnels,
            metrics: metrics)
        server = httpServer(of: edge)
        let address = try server.listen(on: .tcp(host: "127.0.0.1", port: 0))
        endpoint = .tcp(host: address.host, port: address.port)
        client = HTTPClient(HTTPURL(endpoint: endpoint))
        mount()
        try await owner.start()
        try await bus.start()
        _ = await eventually { [bus] in bus.instances(of: .orgLocations).isEmpty ? nil : true }
    }

    /// The caller with these scopes, known to the owner by the key that is returned.
    func addKey(_ number: Int = 1, scopes: [Scope], plan: Plan = .pro, org: OrgID = "acme_corp") -> String {
        let key = "ebon_live_\(org)_" + String(repeating: String(number), count: 32)
        callers[Hex.encode(SHA256.hash(Array(key.utf8)))] = Caller(
            apiKeyId: APIKeyID("apikey_\(number)"), orgId: org, plan: plan, scopes: scopes)
        return key
    }

    /// An access token of a session that the owner knows.
    func addSession(_ role: Role, session: String = "ses_1", lifetime: Int64 = 900) -> String {
        callers[session] = Caller(
            userId: "usr_1", role: role, sessionId: session, orgId: "acme_corp", plan: .pro)
        let now = Timestamp.now().milliseconds / 1000
        return Self.tokens.sign(
            JSONWebToken(
                subject: "usr_1", organization: "acme_corp", role: role.rawValue, session: session, issuedAt: now,
                expiresAt: now + lifetime))
    }

    /// Sends bytes as they are and returns all that comes back until the edge closes.
    func exchange(_ bytes: String) async throws -> String {
        let stream = try await TCPStream.connect(to: endpoint, within: .seconds(5))
        let answer = Promise<[UInt8], Never>()
        var received: [UInt8] = []
        stream.handler = { event in
            switch event {
            case .bytes(let bytes): received += bytes
            case .end, .failed:
                stream.close()
                answer.succeed(received)
            case .drained: break
            }
        }
        stream.write(Array(bytes.utf8))
        return String(decoding: await answer.value(), as: UTF8.self)
    }

    private func mount() {
        owner.handle(ResolveCredential.self) { [unowned self] question, _ in
            questions += 1
            return ResolveCredential.Reply(caller: callers[question.keySHA256 ?? question.sessionId ?? ""])
        }
        for route in TestRoutes.forwarded {
            owner.serve(route.name) { [unowned self] request in
                requests.append(request)
                let body = Array(#"{"raw" : 1.50}"#.utf8)
                return BusReply(
                    status: 201, headers: ["content-type": "application/json", "idempotent-replayed": "true"],
                    body: body)
            }
        }
    }
}

enum TestRoutes {
    private static func route(
        _ name: String, _ method: Route.Method, _ path: PathTemplate, access: Access, isRateLimited: Bool = true,
        buckets: Set<Bucket> = [], body: Schema? = nil, isIdempotent: Bool = false, errors: [APIError] = [],
        bodyLimit: Int = 1 << 20, deadline: Duration = .seconds(10)
    ) -> Route {
        Endpoint<NoInput, NoOutput>(
            name, .orgLocations, method, path, summary: name, access: access, isRateLimited: isRateLimited,
            buckets: buckets, body: body, isIdempotent: isIdempotent, success: .noContent, errors: errors,
            bodyLimit: bodyLimit,
            deadline: deadline
        ).route
    }

    static let forwarded = [
        route("things.list", .get, "/api/v1/things", access: .scope(.devicesRead)),
        route("things.create", .post, "/api/v1/things", access: .scope(.devicesWrite), body: .any, bodyLimit: 100),
        route("things.get", .get, "/api/v1/things/{thingId}", access: .anyCredential),
        route(
            "commands.submit", .post, "/api/v1/commands", access: .scope(.commands), buckets: [.commands], body: .any,
            isIdempotent: true),
        route("auth.login", .post, "/api/v1/auth/login", access: .open, buckets: [.auth], body: .any),
        route("members.list", .get, "/api/v1/members", access: .user),
        route("members.create", .post, "/api/v1/members", access: .administrator, body: .any),
        route("webhook", .post, "/api/v1/webhook", access: .signed, isRateLimited: false),
    ]

    /// Its owner waits for a device.
    static let live = route(
        "things.print", .post, "/api/v1/things/{thingId}/print", access: .anyCredential,
        errors: [.commandTimeout(commandId: "cmd_1")], deadline: .milliseconds(200))

    static let all = [OwnRoutes.health, OwnRoutes.me, OwnRoutes.openAPI, OwnRoutes.socket, live] + forwarded
}

extension HTTPClientResponse {
    var errorCode: String? { (try? JSON(parsing: body))?["error"]?["code"]?.string }
}
