import EventLoop

/// A strict HTTP/1.1 server on the loop.
///
/// A responder runs on the loop, started without a hop; one request at a time per connection, pipelined ones in order.
/// It must bound its own time. What it returns for a connection that is gone meanwhile is dropped.
@Loop package final class HTTPServer {
    /// Answers one request.
    package typealias Responder = @Loop (HTTPRequest) async -> HTTPResponse
    /// Renders a refusal of the wire (400, 408, 413, 414, 417, 426, 431, 501, 505), after which the connection closes; is
    /// told who is at its other end. It must bound its own time.
    package typealias RefusalRenderer = @Loop (HTTPRefusal, SocketAddress) async -> HTTPResponse
    /// Answers a request that needs no waiting, or leaves it to the ``Responder`` with nil: saves the cost of a task.
    package typealias ImmediateResponder = @Loop (HTTPRequest) -> HTTPResponse?
    /// Decides how many bytes of body a request may have, once its head is known.
    package typealias BodyLimit = @Loop (HTTPRequestHead) -> Int

    let configuration: HTTPServerConfiguration
    let immediate: ImmediateResponder?
    let responder: Responder
    let refusal: RefusalRenderer
    let bodyLimit: BodyLimit?
    private(set) var isDraining = false

    private var listeners: [TCPListener] = []
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var unsentBytes = 0
    private var drained: Promise<Void, Never>?

    /// A server that does not listen yet. Without `bodyLimit` the configuration's limit holds for all requests.
    package init(
        configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
        refusal: @escaping RefusalRenderer = { refusal, _ in
            HTTPResponse(refusal.status, body: Array(refusal.reason.utf8))
        },
        bodyLimit: BodyLimit? = nil,
        immediate: ImmediateResponder? = nil,
        responder: @escaping Responder
    ) {
        self.configuration = configuration
        self.refusal = refusal
        self.bodyLimit = bodyLimit
        self.immediate = immediate
        self.responder = responder
    }

    /// Connections that speak HTTP at the moment; those given away (WebSockets, tunnels) are not among them.
    package var connectionCount: Int { connections.count }

    /// Starts to accept connections; returns the address, with the chosen port if 0 was asked for.
    /// - Throws: ``SystemCallError``, for example `EADDRINUSE`.
    @discardableResult
    package func listen(on endpoint: StreamEndpoint) throws(SystemCallError) -> SocketAddress {
        let listener = try TCPListener(on: endpoint) { self.accept($0) }
        listeners.append(listener)
        return listener.address
    }

    /// Stops accepting, closes idle connections, lets running requests end (with `Connection: close`), and cuts what
    /// is left after `limit`. Returns when no HTTP connection is left.
    package func drain(within limit: Duration) async {
        isDraining = true
        for listener in listeners { listener.close() }
        listeners = []
        for connection in connections.values { connection.closeIfIdle() }
        guard !connections.isEmpty else { return }
        let drained = Promise<Void, Never>()
        self.drained = drained
        let timer = Loop.schedule(after: limit) { [weak self] in
            guard let self else { return }
            for connection in Array(connections.values) { connection.abort() }
            drained.succeed(())
        }
        await drained.value()
        timer.cancel()
    }

    /// Serves a stream that was accepted elsewhere.
    package func accept(_ stream: TCPStream) {
        let connection = HTTPConnection(stream, server: self)
        connections[ObjectIdentifier(connection)] = connection
        if connections.count >= configuration.maximumConnections { makeRoom(beside: connection) }
    }

    /// Nobody takes all places by opening connections and saying nothing. Many are cut at a time, so that finding them
    /// costs each new connection little.
    private func makeRoom(beside newest: HTTPConnection) {
        let waiting = connections.values.filter { $0.awaitsClient && $0 !== newest }
            .sorted { $0.lastActive < $1.lastActive }
        guard !waiting.isEmpty else {
            for listener in listeners { listener.pause() }
            return
        }
        for connection in waiting.prefix(max(1, configuration.maximumConnections / 64)) { connection.abort() }
    }

    /// Nobody fills the memory by asking for much and taking little.
    func congested(_ newest: HTTPConnection) {
        unsentBytes += newest.unsentBytes
        guard unsentBytes > configuration.maximumUnsentBytes else { return }
        let taking = connections.values.filter { $0.unsentBytes > 0 && $0 !== newest }
            .sorted { $0.lastActive < $1.lastActive }
        for connection in taking where unsentBytes > configuration.maximumUnsentBytes { connection.abort() }
    }

    func relieved(of bytes: Int) { unsentBytes -= bytes }

    func remove(_ connection: HTTPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if connections.count == configuration.maximumConnections - 1 { for listener in listeners { listener.resume() } }
        if connections.isEmpty { drained?.succeed(()) }
    }
}
