import Bus
import Endpoints
import EventLoop
import HTTP
import Models
import ServiceRuntime

/// Answers every request from outside: finds the route, then checks credential, rate limit, scope or role in this
/// order, and has the owner answer the rest.
@Loop final class Edge {
    private let table: RouteTable<RouteHandle>
    private let proxies: TrustedProxies
    private let admissions: Admissions
    private let forwarder: Forwarder
    private let tunnels: SocketTunnels
    private let health = HealthAnswer()
    private let healthMetrics: RouteMetrics
    private let document: [UInt8]
    private let unmatched: RouteMetrics

    /// - Throws: ``RouteConflict``
    init(
        routes: [Route], settings: LimitSettings, proxies: TrustedProxies, credentials: Credentials,
        limiter: RateLimiter, forwarder: Forwarder, tunnels: SocketTunnels, metrics: Metrics
    ) throws(RouteConflict) {
        let own: [String: RouteHandle.Answerer] = [
            OwnRoutes.health.name: .health, OwnRoutes.me.name: .me, OwnRoutes.openAPI.name: .openAPI,
            OwnRoutes.socket.name: .socket,
        ]
        table = try RouteTable(
            routes.map { ($0, RouteHandle($0, own[$0.name] ?? .owner, metrics: metrics)) })
        self.proxies = proxies
        admissions = Admissions(
            settings: settings, proxies: proxies, credentials: credentials, limiter: limiter, metrics: metrics)
        self.forwarder = forwarder
        self.tunnels = tunnels
        document = openAPIDocument(routes: routes, version: productVersion).serialized()
        healthMetrics = RouteMetrics(OwnRoutes.health.name, metrics)
        unmatched = RouteMetrics("none", metrics)
    }

    /// Probes come more often than anything else, and need nothing of what the other requests do.
    func respondAtOnce(to request: HTTPRequest) -> HTTPResponse? {
        guard request.path == "/health", request.method == .get || request.method == .head else { return nil }
        let start = LoopInstant.current
        var response = health.response()
        response.headers.append("X-Request-Id", RequestIdentifier.of(request.headers))
        healthMetrics.observe(response.status, since: start)
        return response
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        guard let trace = TraceContext(request.headers) else { return await answer(request) }
        return await trace.run { await answer(request) }
    }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        let start = LoopInstant.current
        let requestId = RequestIdentifier.of(request.headers)
        var response: HTTPResponse
        switch table.match(request.method, request.path) {
        case .route(let handle, let parameters):
            response = await serve(request, handle, parameters, since: start, requestId)
            handle.observe(response.status, since: start)
        case .otherMethods(let methods):
            response = await refuse(request, .methodNotAllowed(allow: methods), requestId)
            unmatched.observe(response.status, since: start)
        case .nothing:
            response = await refuse(request, .notFound("There is no such route"), requestId)
            unmatched.observe(response.status, since: start)
        }
        response.headers.append("X-Request-Id", requestId)
        return response
    }

    /// What was refused on its way in is counted like everything else: as far as it can be known, in the buckets of its
    /// route and by its credential, else by the address at the other end.
    func respond(to refusal: HTTPRefusal, from peer: SocketAddress) async -> HTTPResponse {
        let start = LoopInstant.current
        let error = APIError(refusing: refusal.status.rawValue, reason: refusal.reason)
        var response: HTTPResponse
        if let head = refusal.head {
            let request = HTTPRequest(head: head, body: [], peer: peer)
            let requestId = RequestIdentifier.of(head.headers)
            var buckets: [Bucket] = [.global]
            if case .route(let handle, _) = table.match(head.method, head.path) { buckets = handle.buckets }
            response = await refuse(request, error, buckets: buckets, requestId)
            response.headers.append("X-Request-Id", requestId)
        } else {
            let count = await admissions.count([.global], of: nil, client: peer.network)
            response = HTTPResponse(count.refusal ?? error)
            if let answer = count.answer { response.headers.append(answer) }
            response.headers.append("X-Request-Id", RequestIdentifier.mint())
        }
        unmatched.observe(response.status, since: start)
        return response
    }

    /// How many bytes of body a request may have, before anything else of it is looked at.
    func bodyLimit(of head: HTTPRequestHead) -> Int {
        if head.method == .get || head.method == .head { return Self.standardBodyLimit }
        guard case .route(let handle, _) = table.match(head.method, head.path) else { return Self.standardBodyLimit }
        return handle.route.bodyLimit
    }

    private static let standardBodyLimit = 1 << 20

    private func serve(
        _ request: HTTPRequest, _ handle: RouteHandle, _ parameters: [String: String], since start: LoopInstant,
        _ requestId: String
    ) async -> HTTPResponse {
        let isSocket = handle.answerer == .socket
        let wantsCredential = handle.route.access.wantsCredential
        let admission = await admissions.admit(
            request, buckets: handle.buckets, wantsCredential: wantsCredential, isSocket: isSocket,
            needsExactLimits: handle.needsExactLimits, requestId)
        var response: HTTPResponse
        do throws(APIError) {
            if let refusal = admission.refusal { throw refusal }
            let credential = admission.credential
            if let credential { try credential.checkAccess(to: handle.route) }
            switch handle.answerer {
            case .health: response = health.response()
            case .me: response = HTTPResponse(json: credential?.me ?? [])
            case .openAPI: response = HTTPResponse(json: document)
            case .socket:
                guard let credential else { throw .unexpected }
                var headers: HTTPHeaders = ["X-Request-Id": requestId]
                if let answer = admission.limits { headers.append(answer) }
                response = try await tunnels.open(
                    request, credential: credential, expiresAt: admission.expiresAt, headers: headers,
                    client: client(of: request), requestId: requestId)
            case .owner:
                response = try await forwarder.forward(
                    request, to: handle, parameters: parameters, credential: credential, client: client(of: request),
                    requestId: requestId)
            }
        } catch {
            response = HTTPResponse(error)
        }
        log(request, handle, admission, response.status, since: start, requestId)
        if let answer = admission.limits { response.headers.append(answer) }
        // Tokens and keys are in some answers, what only the caller may see in most.
        response.headers.append("Cache-Control", "no-store")
        return response
    }

    /// What changes something leaves a line, and so does a caller's request that failed; reads would only fill the log,
    /// and strangers could.
    private func log(
        _ request: HTTPRequest, _ handle: RouteHandle, _ admission: Admission, _ status: HTTPStatus,
        since start: LoopInstant, _ requestId: String
    ) {
        let caller = admission.credential?.caller
        let isChange = admission.refusal == nil && handle.route.method != .get
        let isKept = caller == nil ? isChange && status.rawValue < 400 : isChange || status.rawValue >= 500
        guard isKept || Log.isEnabled(.debug) else { return }
        let fields: LogFields = [
            "route": handle.route.name, "method": request.method.rawValue, "path": request.path,
            "status": status.rawValue, "milliseconds": (LoopInstant.current - start).milliseconds,
            "orgId": caller?.orgId.rawValue ?? "", "caller": caller?.userId?.rawValue ?? caller?.credentialId ?? "",
        ]
        if isKept, status.rawValue >= 500 {
            Log.warning("request", fields, requestId: requestId)
        } else if isKept {
            Log.info("request", fields, requestId: requestId)
        } else {
            Log.debug("request", fields, requestId: requestId)
        }
    }

    /// A request that no route takes is counted all the same.
    private func refuse(
        _ request: HTTPRequest, _ error: APIError, buckets: [Bucket] = [.global], _ requestId: String
    ) async -> HTTPResponse {
        let hasCredential = request.headers["x-api-key"] != nil || request.headers["authorization"] != nil
        let admission = await admissions.admit(
            request, buckets: buckets, wantsCredential: hasCredential, isSocket: false, needsExactLimits: false,
            requestId)
        let isLimited = admission.refusal?.code == .rateLimitExceeded
        var response = HTTPResponse(isLimited ? admission.refusal ?? error : error)
        if let answer = admission.limits { response.headers.append(answer) }
        return response
    }

    private func client(of request: HTTPRequest) -> String { proxies.client(of: request).host }
}
