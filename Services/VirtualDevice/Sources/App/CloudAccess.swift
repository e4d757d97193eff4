import EventLoop
import HTTP
import ServiceRuntime

/// How the devices of this process reach the cloud, a few at a time.
@Loop final class CloudAccess {
    private static let mostAtOnce = 100

    /// Of the edges; each device begins with the first.
    let urls: [String]
    let apiKey: Secret
    /// The longest wait between two attempts of a device.
    let longestWait: Duration
    private var connecting = 0
    private var queue: [Promise<Void, Never>] = []

    init(urls: [String], apiKey: Secret, longestWait: Duration) {
        self.urls = urls
        self.apiKey = apiKey
        self.longestWait = longestWait
    }

    /// Opens a device's socket when it is its turn; `failures` of them so far choose the edge.
    func connect(
        _ target: String, failures: Int, onOpen: @escaping @Loop (WebSocket) -> Void
    ) async throws(HTTPClientError) {
        if connecting >= Self.mostAtOnce {
            let turn = Promise<Void, Never>()
            queue.append(turn)
            await turn.value()
        } else {
            connecting += 1
        }
        defer {
            if queue.isEmpty { connecting -= 1 } else { queue.removeFirst().succeed(()) }
        }
        _ = try await WebSocketClient.connect(
            urls[failures % urls.count] + target, headers: ["x-api-key": apiKey.revealed],
            subprotocols: ["ebon.device.v1"],
            within: .seconds(10), onOpen: onOpen)
    }
}
