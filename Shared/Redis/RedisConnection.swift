import CHiredis
import EventLoop

/// The only place that speaks to Redis: one connection for commands, pipelined, which comes back by itself after a
/// loss.
///
/// What a loop turn sends leaves in one write at the end of the turn. A command whose connection is away fails at
/// once; one that gets no answer fails at its deadline, and when that is the oldest outstanding one the connection is
/// given up with everything behind it, because replies come in order.
@Loop package final class RedisConnection {
    /// What a connection may use up.
    package struct Limits: Sendable {
        /// How long a command may take unless its call says otherwise.
        package var deadline: Duration
        /// How many commands may be without their reply.
        package var outstandingCommands: Int
        /// How many bytes may wait for the socket.
        package var unsentBytes: Int

        /// Limits that suit a service: 2 s, 16384 commands, 32 MiB.
        package init(
            deadline: Duration = .seconds(2), outstandingCommands: Int = 16384, unsentBytes: Int = 32 << 20
        ) {
            self.deadline = deadline
            self.outstandingCommands = outstandingCommands
            self.unsentBytes = unsentBytes
        }
    }

    private let link: RedisLink
    private let limits: Limits
    private let onChange: @Loop (RedisConnectionState) -> Void
    private var pending = PendingCommands()
    private var timer: LoopTimer?

    /// Starts connecting; commands fail with ``RedisError/unavailable`` until the connection is up.
    ///
    /// `onChange` hears of every connection and every loss (for log and metrics). The connection lives until
    /// ``close()``.
    package init(
        _ url: RedisURL, limits: Limits = Limits(), onChange: @escaping @Loop (RedisConnectionState) -> Void = { _ in }
    ) {
        link = RedisLink(url)
        self.limits = limits
        self.onChange = onChange
        link.start(self)
    }

    /// True while commands can be sent.
    package var isConnected: Bool { link.ready != nil }

    /// How many commands wait for their reply.
    package var outstandingCommands: Int { pending.count }

    /// Sends a command and calls `completion` with its reply, in the loop turn in which it arrives.
    ///
    /// `completion` is called exactly once, before this returns if the command cannot be sent.
    package func send(
        _ arguments: [RedisArgument], then completion: @escaping @Loop (Result<RedisValue, RedisError>) -> Void
    ) {
        enqueue(arguments, deadline: Loop.now + limits.deadline, completion)
    }

    /// Sends a command and waits for its reply, for at most `deadline` (default: the connection's).
    @discardableResult
    package func send(
        _ arguments: [RedisArgument], deadline: Duration? = nil
    ) async throws(RedisError) -> RedisValue {
        let deadline = Loop.now + (deadline ?? limits.deadline)
        let promise = Promise<RedisValue, RedisError>(deadline: deadline, failure: .deadline)
        enqueue(arguments, deadline: deadline) { result in
            switch result {
            case .success(let value): promise.succeed(value)
            case .failure(let error): promise.fail(error)
            }
        }
        return try await promise.value()
    }

    /// Sends a command and waits for its reply, for at most `deadline` (default: the connection's).
    @discardableResult
    package func send(_ arguments: RedisArgument..., deadline: Duration? = nil) async throws(RedisError) -> RedisValue {
        try await send(arguments, deadline: deadline)
    }

    /// Ends the connection for good; outstanding commands fail with ``RedisError/unavailable``.
    package func close() { link.close() }

    private func enqueue(
        _ arguments: [RedisArgument], deadline: LoopInstant,
        _ completion: @escaping @Loop (Result<RedisValue, RedisError>) -> Void
    ) {
        guard let socket = link.ready else { return completion(.failure(.unavailable)) }
        guard pending.count < limits.outstandingCommands, socket.unsentBytes < limits.unsentBytes else {
            return completion(.failure(.overloaded))
        }
        socket.send(arguments)
        pending.append(PendingCommands.Command(deadline: deadline, completion: completion))
        if timer == nil { armTimer() }
    }

    private func armTimer() {
        timer = pending.oldestDeadline.map { deadline in
            Loop.schedule(at: deadline) { [weak self] in self?.checkDeadline() }
        }
    }

    private func checkDeadline() {
        timer = nil
        guard let deadline = pending.oldestDeadline else { return }
        if deadline <= Loop.now {
            let late = pending.removeAll()
            link.drop("no answer before the deadline")
            for command in late { command.completion(.failure(.deadline)) }
        } else {
            armTimer()
        }
    }
}

extension RedisConnection: RedisLinkDelegate {
    func connected(_ socket: RedisSocket) { onChange(.connected) }

    func received(_ reply: UnsafePointer<redisReply>) {
        guard let command = pending.removeFirst() else { return link.drop("a reply that nobody asked for") }
        if reply.pointee.type == REDIS_REPLY_ERROR {
            command.completion(.failure(.refused(String(decoding: reply.bytes, as: UTF8.self))))
        } else {
            command.completion(.success(RedisValue(reply)))
        }
    }

    func disconnected(_ reason: String, wasConnected: Bool) {
        if !link.isClosed { onChange(.disconnected(reason: reason, wasConnected: wasConnected)) }
        for command in pending.removeAll() { command.completion(.failure(.unavailable)) }
    }
}

/// What a connection to Redis reports about itself.
package enum RedisConnectionState: Sendable, Equatable {
    /// It is up and introduced.
    case connected
    /// It was lost, or (`wasConnected` false) an attempt to connect failed; the next attempt follows by itself.
    case disconnected(reason: String, wasConnected: Bool)
}
