import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Brings what happens to those who listen: follows the outbox in commit order from a place of its own, for all sockets
/// of this process at once.
///
/// The hint that there are new events says only when to look. A hint that is lost costs at most a second, and what
/// another gateway has read or missed does not matter here.
@Loop final class EventFeed {
    static let batch = 200
    /// Between two looks, so that events which come close together go out together.
    static let pace = Duration.milliseconds(8)
    /// After so many the listeners get time to take them, so that what piled up here does not look like their delay.
    static let mostBytesAtOnce = 256 * 1024
    static let sweepInterval = Duration.seconds(1)

    private let reader: OutboxReader
    private let delay: Histogram
    private let types = Array(EventCatalogue.publicScopes.keys)
    private var audiences: [OrgID: [EventSession]] = [:]
    private var newcomers: [(session: EventSession, end: OutboxPosition)] = []
    private var position: OutboxPosition?
    private var isReading = false
    private var isWanted = false
    private var lastLook = LoopInstant(nanoseconds: 0)
    private var timer: LoopTimer?
    private var isFailing = false

    init(reader: OutboxReader, delay: Histogram) {
        self.reader = reader
        self.delay = delay
    }

    /// Brings `session` everything from its joining on; `end` is a place that is not behind anything it must see.
    func join(_ session: EventSession, at end: OutboxPosition) {
        newcomers.append((session, end))
        wake()
    }

    func leave(_ session: EventSession) {
        newcomers.removeAll { $0.session === session }
        let organization = session.caller.orgId
        audiences[organization]?.removeAll { $0 === session }
        if audiences[organization]?.isEmpty == true { audiences[organization] = nil }
    }

    /// Looks for new events: on a hint that there are some, and now and then without one.
    func wake() {
        isWanted = true
        guard !isReading, timer == nil else { return }
        let pause = Self.pace - (LoopInstant.current - lastLook)
        guard pause > .zero, newcomers.isEmpty else { return look() }
        timer = Loop.schedule(after: pause) { [self] in
            timer = nil
            look()
        }
    }

    private func look() {
        guard !isReading else { return }
        Task.immediate(executorPreference: Loop.executor) { @Loop in
            isReading = true
            await read()
            isReading = false
            if isWanted { wake() }
        }
    }

    private func read() async {
        repeat {
            isWanted = false
            lastLook = .current
            admitNewcomers()
            guard let start = position, !audiences.isEmpty else { return }
            do {
                let news = try await reader.news(
                    after: start, of: Set(audiences.keys), types: types, limit: Self.batch)
                guard !news.hasGoneBack else { return startOver() }
                position = news.position
                await distribute(news.events)
                if isFailing { Log.info("events are read again") }
                isFailing = false
                guard news.isFull else { return lookAgain(soon: news.isHeldBack) }
            } catch {
                if !isFailing { Log.warning("events wait: the outbox could not be read", ["error": "\(error)"]) }
                isFailing = true
                Loop.schedule(after: EventReplays.pause) { [self] in wake() }
                return
            }
        } while true
    }

    /// The listeners come back with the last event that they have seen, and hear whether anything is missing.
    private func startOver() {
        Log.error("the database is another one than before, or an earlier state of it: listeners are sent away")
        let sessions = audiences.values.joined()
        (audiences, position) = ([:], nil)
        for session in sessions { session.close(.restart) }
    }

    /// Between two reads, so that the next one is for them too.
    private func admitNewcomers() {
        guard !newcomers.isEmpty else { return }
        let admitted = newcomers
        newcomers = []
        if audiences.isEmpty { position = admitted.map(\.end).max() }
        guard let position else { return }
        for (session, _) in admitted {
            audiences[session.caller.orgId, default: []].append(session)
            session.joined(at: position)
        }
    }

    private func distribute(_ events: [WrittenEvent]) async {
        var bytes = 0
        for written in events {
            guard let audience = audiences[written.orgId], let event = LiveEvent(written) else { continue }
            for session in audience { session.happened(event) }
            delay.observe(Timestamp.now() - written.createdAt)
            bytes += event.frame.count
            guard bytes >= Self.mostBytesAtOnce else { continue }
            bytes = 0
            try? await Loop.sleep(for: Self.pace)
        }
    }

    /// What an older transaction holds back announces itself to nobody a second time.
    private func lookAgain(soon isHeldBack: Bool) {
        if isHeldBack { Loop.schedule(after: Self.pace * 2) { [self] in wake() } }
    }
}
