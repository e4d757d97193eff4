import CHiredis
import EventLoop

/// The connection that receives messages: subscriptions survive its loss, and a server that went silent is noticed by
/// its own `PING`s.
///
/// What is published while the connection is away is gone: ``onReconnect(_:)`` is the place to look for it elsewhere.
@Loop package final class RedisSubscriber {
    private struct Subscription {
        let channel: [UInt8]
        let handler: @Loop ([UInt8]) -> Void
    }

    private let link: RedisLink
    private let pingInterval: Duration
    private let onChange: @Loop (RedisConnectionState) -> Void
    private var subscriptions: [Subscription] = []
    private var unconfirmed = 0
    private var isResubscribing = false
    private var isPingOutstanding = false
    private var timer: LoopTimer?
    private var reconnectHandlers: [@Loop () -> Void] = []
    private var waiters: [Promise<Void, RedisError>] = []

    /// Starts connecting.
    ///
    /// A ping goes out every `pingInterval`; if its answer is missing when the next one is due, the connection is
    /// replaced. `onChange` hears of every connection and every loss. The subscriber lives until ``close()``.
    package init(
        _ url: RedisURL, pingInterval: Duration = .seconds(2),
        onChange: @escaping @Loop (RedisConnectionState) -> Void = { _ in }
    ) {
        link = RedisLink(url)
        self.pingInterval = pingInterval
        self.onChange = onChange
        link.start(self)
    }

    /// True while the connection is up and Redis has confirmed every subscription.
    package var isSubscribed: Bool { link.ready != nil && unconfirmed == 0 }

    /// Calls `handler` with every message of `channel`, in the loop turn in which it arrives.
    ///
    /// A second subscription of the same channel adds a handler. The messages before Redis' confirmation
    /// (``subscribed(within:)``) are missed.
    package func subscribe(_ channel: String, _ handler: @escaping @Loop ([UInt8]) -> Void) {
        let subscription = Subscription(channel: Array(channel.utf8), handler: handler)
        let isNew = !subscriptions.contains { $0.channel == subscription.channel }
        subscriptions.append(subscription)
        guard isNew, let socket = link.ready else { return }
        unconfirmed += 1
        socket.send(["SUBSCRIBE", .bytes(subscription.channel)])
    }

    /// Drops all handlers of `channel`.
    package func unsubscribe(_ channel: String) {
        let channel = Array(channel.utf8)
        let count = subscriptions.count
        subscriptions.removeAll { $0.channel == channel }
        if subscriptions.count < count { link.ready?.send(["UNSUBSCRIBE", .bytes(channel)]) }
    }

    /// Calls `handler` whenever all subscriptions stand again after a connection was made, the first one included.
    package func onReconnect(_ handler: @escaping @Loop () -> Void) { reconnectHandlers.append(handler) }

    /// Waits until every subscription made so far is confirmed.
    /// - Throws: ``RedisError/deadline`` when that takes longer than `deadline`.
    package func subscribed(within deadline: Duration) async throws(RedisError) {
        guard !isSubscribed else { return }
        let promise = Promise<Void, RedisError>(deadline: LoopInstant.current + deadline, failure: .deadline)
        waiters.append(promise)
        try await promise.value()
    }

    /// Ends the subscriber for good.
    package func close() {
        subscriptions = []
        link.close()
    }

    private func ping() {
        guard !isPingOutstanding else { return link.drop("no answer to a ping") }
        isPingOutstanding = true
        link.ready?.send(["PING"])
        timer = Loop.schedule(after: pingInterval) { [weak self] in self?.ping() }
    }

    private func confirmed() {
        waiters.removeAll { $0.isSettled }
        guard unconfirmed == 0 else { return }
        if isResubscribing {
            isResubscribing = false
            for handler in reconnectHandlers { handler() }
        }
        for waiter in waiters { waiter.succeed(()) }
        waiters = []
    }

    private func dispatch(_ channel: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer) {
        // Few channels, long names with a common start: comparing lengths first beats hashing.
        let bytes = Array(message)
        for subscription in subscriptions where subscription.channel.count == channel.count {
            if subscription.channel.elementsEqual(channel) { subscription.handler(bytes) }
        }
    }
}

extension RedisSubscriber: RedisLinkDelegate {
    func connected(_ socket: RedisSocket) {
        isPingOutstanding = false
        isResubscribing = true
        let channels = Set(subscriptions.map(\.channel))
        unconfirmed = channels.count
        if !channels.isEmpty { socket.send(["SUBSCRIBE"] + channels.map { .bytes($0) }) }
        ping()
        onChange(.connected)
        confirmed()
    }

    func received(_ reply: UnsafePointer<redisReply>) {
        guard reply.pointee.type == REDIS_REPLY_ARRAY, reply.pointee.elements >= 2, let kind = reply.pointee.element[0],
            let second = reply.pointee.element[1]
        else {
            // Outside of a subscription the answer to a ping is a plain status.
            isPingOutstanding = false
            return
        }
        switch UnsafePointer(kind).bytes.first {
        case UInt8(ascii: "m"):
            guard reply.pointee.elements == 3, let message = reply.pointee.element[2] else { return }
            dispatch(UnsafePointer(second).bytes, UnsafePointer(message).bytes)
        case UInt8(ascii: "s"):
            unconfirmed -= 1
            confirmed()
        case UInt8(ascii: "p"):
            isPingOutstanding = false
        default:
            break
        }
    }

    func disconnected(_ reason: String, wasConnected: Bool) {
        timer?.cancel()
        if !link.isClosed { onChange(.disconnected(reason: reason, wasConnected: wasConnected)) }
    }
}
