import CHiredis
import EventLoop

/// Keeps one connection to Redis up: connects, introduces itself, and after a loss tries again with growing pauses.
@Loop final class RedisLink {
    private static let handshakeDeadline = Duration.seconds(2)

    private let url: RedisURL
    private weak var delegate: (any RedisLinkDelegate)?
    private var socket: RedisSocket?
    private var expectedReplies = 0
    private var timer: LoopTimer?
    private var backoff = Backoff()
    private(set) var isClosed = false

    init(_ url: RedisURL) { self.url = url }

    func start(_ delegate: any RedisLinkDelegate) {
        self.delegate = delegate
        Task.immediate(executorPreference: Loop.executor) { @Loop in await connect() }
    }

    /// The connection, if it is up and the introduction is over.
    private(set) var ready: RedisSocket?

    /// Gives the connection up; a new one is tried at once.
    func drop(_ reason: String) {
        socket?.close()
        lost(reason)
    }

    /// Ends the link for good.
    func close() {
        isClosed = true
        timer?.cancel()
        drop("closed")
    }

    private func connect() async {
        let context = await RedisSocket.connect(to: url.address)
        guard let context else { return lost("no resources for a connection") }
        guard !isClosed, context.pointee.err == REDIS_OK else {
            let reason = withUnsafeBytes(of: context.pointee.errstr) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            redisFree(context)
            return lost(reason)
        }
        do {
            let socket = try RedisSocket(context) { [weak self] in
                self?.received($0)
            } onEnd: { [weak self] in
                self?.lost($0)
            }
            self.socket = socket
            introduce(to: socket)
        } catch {
            redisFree(context)
            lost(error.description)
        }
    }

    private func introduce(to socket: RedisSocket) {
        var commands: [[RedisArgument]] = []
        if let password = url.password {
            commands.append(["AUTH"] + (url.user.map { [.string($0)] } ?? []) + [.string(password)])
        }
        if url.database != 0 { commands.append(["SELECT", .integer(Int64(url.database))]) }
        // A server that still loads its data accepts connections but refuses this.
        commands.append(["PING"])
        expectedReplies = commands.count
        for command in commands { socket.send(command) }
        timer = Loop.schedule(after: Self.handshakeDeadline) { [weak self] in self?.drop("no answer while connecting") }
    }

    private func received(_ reply: UnsafePointer<redisReply>) {
        guard expectedReplies > 0 else {
            delegate?.received(reply)
            return
        }
        if reply.pointee.type == REDIS_REPLY_ERROR {
            return drop(String(decoding: reply.bytes, as: UTF8.self))
        }
        expectedReplies -= 1
        guard expectedReplies == 0, let socket else { return }
        timer?.cancel()
        backoff.reset()
        ready = socket
        delegate?.connected(socket)
    }

    private func lost(_ reason: String) {
        let wasReady = ready != nil
        socket = nil
        ready = nil
        timer?.cancel()
        delegate?.disconnected(reason, wasConnected: wasReady)
        guard !isClosed else { return }
        timer = Loop.schedule(after: backoff.next()) { [weak self] in
            Task.immediate(executorPreference: Loop.executor) { @Loop in await self?.connect() }
        }
    }
}

/// The one who uses a link: commands, or subscriptions.
@Loop protocol RedisLinkDelegate: AnyObject {
    func connected(_ socket: RedisSocket)
    func received(_ reply: UnsafePointer<redisReply>)
    func disconnected(_ reason: String, wasConnected: Bool)
}
