import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import JSON
import Models
import ServiceRuntime

/// Hands WebSockets through to the gateways: vouches for the caller, then only moves bytes.
@Loop final class SocketTunnels {
    private static let handshakeDeadline = Duration.seconds(10)
    private static let connectDeadline = Duration.seconds(2)
    private static let vouchedSeconds: Int64 = 30

    private let bus: Bus
    private let signature: SignedCaller
    private let limit: Int
    private let gauge: Gauge
    private var tunnels: [ObjectIdentifier: Tunnel] = [:]
    /// By gateway instance; includes handshakes on their way.
    private var load: [String: Int] = [:]

    init(bus: Bus, signature: SignedCaller, limit: Int, metrics: Metrics) {
        self.bus = bus
        self.signature = signature
        self.limit = limit
        gauge = metrics.gauge("edge_tunnels", "WebSockets that are handed through.")
    }

    private struct Tunnel {
        let client: TCPStream
        let gateway: TCPStream
        let instance: String
    }
}

extension SocketTunnels {
    func open(
        _ request: HTTPRequest, credential: Credential, expiresAt: Timestamp?, headers: HTTPHeaders, client: String,
        requestId: String
    ) async throws(APIError) -> HTTPResponse {
        throw .unavailable("No gateway is available", retryAfter: 1)
    }
}
