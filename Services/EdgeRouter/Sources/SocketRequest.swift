import Crypto
import Endpoints
import HTTP
import JSON
import Models
import ServiceRuntime

/// A handshake at `/ws`: what kind of socket is asked for, and what of it goes on to a gateway.
struct SocketRequest {
    enum Kind {
        case device
        case events

        /// What an API key must hold, one of them at least.
        var scopes: [Scope] {
            switch self {
            case .device: [.devicesWrite]
            case .events: EventCatalogue.listeningScopes
            }
        }
    }

    /// The fields of a client's handshake that concern the gateway; whatever else came, forged or secret, stays here.
    private static let passedFields = [
        "Upgrade", "Connection", "Sec-WebSocket-Version", "Sec-WebSocket-Key", "Sec-WebSocket-Protocol",
        "Sec-WebSocket-Extensions", "Origin", "User-Agent",
    ]
    private static let credentialNames: Set<String> = ["token", "apiKey"]

    let kind: Kind
    private let request: HTTPRequest

    /// - Throws: 400 when neither kind is asked for, or both.
    init(_ request: HTTPRequest) throws(APIError) {
        self.request = request
        let items = request.queryItems
        let device = items.first { $0.name == "deviceId" }?.value
        switch (device, items.first { $0.name == "subscribe" }?.value) {
        case (nil, "events"): kind = .events
        case (nil, .some): throw .validation("query.subscribe", "subscribe must be one of: events")
        case (.some, .some): throw .validation("query.subscribe", "deviceId and subscribe exclude each other")
        case (nil, nil), ("", nil): throw .socketWithoutPurpose
        case (.some, nil): kind = .device
        }
    }

    /// - Throws: 426 for a request that does not ask for a WebSocket.
    func checkUpgrade() throws(APIError) {
        guard request.asksForWebSocket, request.body.isEmpty else {
            throw .noUpgrade
        }
    }

    /// The handshake as the gateway gets it: without credentials, with the word of the edge for the caller.
    func head(vouchedCaller: String, client: String, requestId: String) -> [UInt8] {
        var headers: HTTPHeaders = ["Host": "gateway"]
        for name in Self.passedFields {
            for value in request.headers.values(of: name) { headers.append(name, value) }
        }
        headers.append("X-Request-Id", requestId)
        headers.append("X-Forwarded-For", client)
        if let trace = TraceContext.current {
            headers.append("traceparent", trace.parent)
            if let state = trace.state { headers.append("tracestate", state) }
        }
        headers.append(SignedCaller.headerName, vouchedCaller)
        return RequestWriter.head(.get, target, headers: headers)
    }

    private var target: String {
        let items = (request.query ?? "").utf8.split(separator: UInt8(ascii: "&")).filter { item in
            let name = PercentCoding.decode(item.prefix { $0 != UInt8(ascii: "=") }, plusIsSpace: true)
            return !Self.credentialNames.contains(name)
        }
        return "/ws?" + items.map { String(Substring($0)) }.joined(separator: "&")
    }
}

extension APIError {
    static let socketWithoutPurpose = validation("query.deviceId", "deviceId is required, or subscribe=events")
    static let noUpgrade = APIError(
        .upgradeRequired, "This is a WebSocket: upgrade the connection",
        headers: [(name: "Upgrade", value: "websocket"), (name: "Sec-WebSocket-Version", value: "13")])
}
