import EventLoop
import HTTP
import JSON

/// What supervisors and monitoring ask a process on its internal port: `/healthz`, `/readyz`, `/metrics`.
@Loop final class InternalPort {
    private let runtime: Runtime
    private let endpoint: StreamEndpoint
    private lazy var server = HTTPServer { [unowned self] in await answer($0) }

    init(runtime: Runtime, endpoint: StreamEndpoint) {
        self.runtime = runtime
        self.endpoint = endpoint
    }

    /// Listens and returns the port.
    func open() throws -> Int { Int(try server.listen(on: endpoint).port) }

    func close() async { await server.drain(within: .milliseconds(200)) }

    private func answer(_ request: HTTPRequest) async -> HTTPResponse {
        guard ["/healthz", "/readyz", "/metrics"].contains(request.path) else {
            return json(404, ["error": "not found"])
        }
        guard request.method == .get || request.method == .head else {
            var refusal = json(405, ["error": "method not allowed"])
            refusal.headers.append("Allow", "GET, HEAD")
            return refusal
        }
        switch request.path {
        case "/healthz": return json(200, ["status": "ok"])
        case "/readyz": return await readiness()
        default: return metrics()
        }
    }

    private func readiness() async -> HTTPResponse {
        let states = await runtime.readiness()
        let checks = states.map { name, state -> (String, JSON) in
            switch state {
            case .ready: (name, "ok")
            case .unready(let reason): (name, .string(reason))
            }
        }
        let isReady = states.allSatisfy { $0.state == .ready }
        let body: JSON = ["status": isReady ? "ready" : "unready", "checks": .object(JSONObject(checks))]
        return json(isReady ? 200 : 503, body)
    }

    private func metrics() -> HTTPResponse {
        HTTPResponse(
            200, headers: ["Content-Type": "text/plain; version=0.0.4; charset=utf-8"],
            body: Array(runtime.metrics.exposition().utf8))
    }

    private func json(_ status: HTTPStatus, _ body: JSON) -> HTTPResponse {
        HTTPResponse(status, headers: ["Content-Type": "application/json"], body: body.serialized())
    }
}
