import EventLoop
import HTTP
import JSON
import Models

/// A person at the registers, for scripts and tests: changes conditions, cuts connections, plans failures, looks at
/// what was printed. Listens on this machine only.
@Loop final class ControlServer {
    private let fleet: Fleet
    private var server: HTTPServer?

    init(fleet: Fleet) { self.fleet = fleet }

    func listen(port: Int) throws -> Int {
        let server = HTTPServer { [weak self] in self?.answer($0) ?? HTTPResponse(503) }
        self.server = server
        let address = try server.listen(on: .tcp(host: "127.0.0.1", port: UInt16(port)))
        return Int(address.port)
    }

    func drain() async { await server?.drain(within: .seconds(1)) }

    private enum Refusal: Error {
        case badRequest(String)
        case notFound
    }

    private func answer(_ request: HTTPRequest) -> HTTPResponse {
        do throws(Refusal) {
            let devices = try devices(request)
            if request.method == .get, request.path == "/state" { return Self.json(200, state(of: devices)) }
            guard request.method == .put else { throw .notFound }
            let body: JSON
            do { body = try JSON(parsing: request.body) } catch { throw .badRequest("the body must be JSON") }
            for device in devices { try apply(request.path, body, to: device) }
            return HTTPResponse(204)
        } catch {
            switch error {
            case .badRequest(let reason): return Self.json(400, ["error": .string(reason)])
            case .notFound:
                return Self.json(404, ["error": "PUT flags, fault, latency, connection, failure; GET state"])
            }
        }
    }

    /// The device that `?deviceId=` names, or all.
    private func devices(_ request: HTTPRequest) throws(Refusal) -> [Device] {
        guard let id = request.queryItems.first(where: { $0.name == "deviceId" })?.value else { return fleet.devices }
        guard let device = fleet[DeviceID(id)] else { throw .badRequest("no such device") }
        return [device]
    }

    private func apply(_ path: String, _ body: JSON, to device: Device) throws(Refusal) {
        switch path {
        case "/flags":
            var conditions = device.register.conditions
            guard conditions.merge(flags: body) else {
                throw .badRequest("paperEnd, paperNearEnd, coverOpen, fiscalMemoryAlmostFull: true or false")
            }
            device.change(conditions)
        case "/fault":
            guard let fault = body["fault"], fault.isNull || 1...200 ~= fault.string?.count ?? 0 else {
                throw .badRequest("fault: a text of at most 200 characters, or null")
            }
            var conditions = device.register.conditions
            conditions.fault = fault.string
            device.change(conditions)
        case "/latency":
            guard let milliseconds = body["milliseconds"]?.integer, (0...600_000).contains(milliseconds) else {
                throw .badRequest("milliseconds: 0 to 600000")
            }
            device.latency = .milliseconds(milliseconds)
        case "/connection":
            switch body["state"]?.string {
            case "up": device.link.open()
            case "down": device.link.close()
            default: throw .badRequest("state: up or down")
            }
        case "/failure": device.failure = try Self.failure(body)
        default: throw .notFound
        }
    }

    private static func failure(_ body: JSON) throws(Refusal) -> PlannedFailure {
        guard let point = body["point"]?.string.flatMap(FailurePoint.init),
            let action = body["action"]?.string.flatMap(FailureAction.init),
            let times = body["times"].map(\.integer) ?? 1, (1...1_000_000).contains(times)
        else {
            let points = FailurePoint.allCases.map(\.rawValue).joined(separator: "|")
            throw .badRequest("point: \(points), action: exit|disconnect, times: at least 1")
        }
        return PlannedFailure(point: point, action: action, times: Int(times))
    }

    private func state(of devices: [Device]) -> JSON {
        ["devices": .object(JSONObject(devices.map { ($0.id.rawValue, $0.state) }))]
    }

    private static func json(_ status: HTTPStatus, _ body: JSON) -> HTTPResponse {
        HTTPResponse(status, headers: ["Content-Type": "application/json"], body: body.serialized())
    }
}
