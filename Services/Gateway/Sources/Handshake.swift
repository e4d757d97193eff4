import Crypto
import Endpoints
import HTTP
import JSON
import Models

/// What a device's handshake says, once it has been found well-formed and vouched for by the edge.
struct Handshake {
    static let subprotocol = "ebon.device.v1"
    static let longestDescription = 255

    let deviceId: DeviceID
    let app: AppDescription
    let caller: Caller
    let credentialExpires: Timestamp?
    let requestId: String?

    init(_ request: HTTPRequest, signature: SignedCaller, now: Timestamp) throws(APIError) {
        let vouched = try VouchedCaller(of: request, signature: signature, now: now)
        caller = vouched.caller
        credentialExpires = vouched.expiresAt
        requestId = request.headers["x-request-id"]
        var parameters: [String: String] = [:]
        for item in request.queryItems where parameters[item.name] == nil { parameters[item.name] = item.value }
        guard let device = parameters["deviceId"], !device.isEmpty else {
            throw .validation([Violation(path: "query.deviceId", message: "deviceId is required")])
        }
        let described = ["deviceId", "appVersion", "deviceModel", "osVersion"]
        let unusable = described.filter { !Self.isStorable(parameters[$0, default: ""]) }
        guard unusable.isEmpty else {
            throw .validation(
                unusable.map {
                    Violation(
                        path: "query.\($0)",
                        message: "\($0) must be at most \(Self.longestDescription) characters, no control characters")
                })
        }
        deviceId = DeviceID(device)
        app = AppDescription(
            appVersion: parameters["appVersion", default: ""], deviceModel: parameters["deviceModel", default: ""],
            osVersion: parameters["osVersion", default: ""])
    }

    /// PostgreSQL's texts have no U+0000, and nobody's name has any other.
    private static func isStorable(_ text: String) -> Bool {
        text.unicodeScalars.count <= longestDescription
            && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
