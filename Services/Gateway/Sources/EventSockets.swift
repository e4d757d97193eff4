import Bus
import Crypto
import Endpoints
import EventLoop
import HTTP
import Models
import Postgres
import ServiceRuntime

/// Where a listener begins.
struct EventAdmission {
    enum Replay {
        case notAsked
        case possible
        case impossible
    }

    let session: String
    /// What comes behind this place is to be sent.
    let start: OutboxPosition
    /// The end of the outbox during the handshake.
    let end: OutboxPosition
    let replay: Replay
}

/// The event sockets of this process.
@Loop final class EventSockets {
    let replays: EventReplays
    let renewals: EventRenewals
    let deliveries: Counter
    let cut: Counter
    private let reader: OutboxReader
    private let feed: EventFeed
    private let replayed: Counter
    private let gaps: Counter
    private let limits: EventSocketLimits
    private var open: [ObjectIdentifier: EventSession] = [:]
    private var openOf: [OrgID: Int] = [:]
    private var allClosed: Promise<Void, Never>?

    init(pool: PostgresPool, tokens: JSONWebTokens, limits: EventSocketLimits, metrics: Metrics) {
        reader = OutboxReader(pool)
        replays = EventReplays(reader: reader)
        renewals = EventRenewals(tokens: tokens)
        self.limits = limits
        feed = EventFeed(
            reader: reader,
            delay: metrics.histogram("ebon_gateway_event_delay_seconds", "From an event to the sockets that see it."))
        deliveries = metrics.counter("ebon_gateway_event_deliveries_total", "Events sent, once for each socket.")
        cut = metrics.counter("ebon_gateway_event_consumers_cut_total", "Event sockets closed for not reading.")
        replayed = metrics.counter("ebon_gateway_event_replays_total", "Event sockets that resumed after an event.")
        gaps = metrics.counter("ebon_gateway_event_gaps_total", "Event sockets whose event was unknown or too old.")
        metrics.gauge("ebon_gateway_event_sockets", "Event sockets that are open.") { [weak self] in
            Double(self?.count ?? 0)
        }
    }

    var count: Int { open.count }
    var sessions: [EventSession] { Array(open.values) }

    /// Finds out where the listener begins, before the upgrade.
    func admit(_ handshake: EventHandshake) async throws(APIError) -> EventAdmission {
        try checkRoom(handshake)
        let admission = try await begin(handshake)
        // Others have come meanwhile.
        try checkRoom(handshake)
        return admission
    }

    private func checkRoom(_ handshake: EventHandshake) throws(APIError) {
        guard openOf[handshake.caller.orgId, default: 0] < limits.perOrganization else {
            throw .rateLimited(retryAfter: 10)
        }
        guard open.count < limits.perProcess else { throw .unavailable("Too many sockets are open", retryAfter: 5) }
    }

    private func begin(_ handshake: EventHandshake) async throws(APIError) -> EventAdmission {
        let session = Random.identifier(prefix: "ses")
        do {
            guard let since = handshake.since else {
                let end = try await reader.end()
                return EventAdmission(session: session, start: end, end: end, replay: .notAsked)
            }
            let place = try await reader.place(of: since, in: handshake.caller.orgId)
            (place.event == nil ? gaps : replayed).increment()
            return EventAdmission(
                session: session, start: place.event ?? place.end, end: place.end,
                replay: place.event == nil ? .impossible : .possible)
        } catch {
            Log.warning("a handshake found no database", ["error": "\(error)"])
            throw .unavailable("The service is temporarily unavailable", retryAfter: 1)
        }
    }

    func accept(_ socket: WebSocket, _ handshake: EventHandshake, _ admission: EventAdmission) {
        let session = EventSession(socket: socket, handshake: handshake, admission: admission, sockets: self)
        open[ObjectIdentifier(session)] = session
        openOf[session.caller.orgId, default: 0] += 1
        feed.join(session, at: admission.end)
    }

    func closed(_ session: EventSession) {
        guard open.removeValue(forKey: ObjectIdentifier(session)) != nil else { return }
        let organization = session.caller.orgId
        let left = openOf[organization, default: 0] - 1
        openOf[organization] = left > 0 ? left : nil
        feed.leave(session)
        if open.isEmpty { allClosed?.succeed(()) }
    }

    /// There may be new events.
    func wake() { feed.wake() }

    /// Looks after every socket; called once a second.
    func tick(_ now: LoopInstant, _ time: Timestamp) {
        for session in open.values { session.tick(now, time) }
    }

    /// Closes every socket, spread over `duration` so that the clients do not all come back at once, and waits until
    /// they are closed.
    func drain(over duration: Duration, until deadline: LoopInstant) async {
        let sessions = sessions
        guard !sessions.isEmpty else { return }
        let step = duration / sessions.count
        for (index, session) in sessions.enumerated() {
            Loop.schedule(after: step * index) { session.close(.restart) }
        }
        let closed = Promise<Void, Never>()
        allClosed = closed
        let timer = Loop.schedule(at: deadline) { closed.succeed(()) }
        await closed.value()
        timer.cancel()
    }
}

/// How many event sockets one process may hold.
struct EventSocketLimits {
    let perOrganization: Int
    let perProcess: Int
}
