import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Announces each transition of an alert once, whichever replica notices it: a device is compared with what was
/// announced of it under a lock that one replica has at a time, until the difference is committed together with its
/// events.
///
/// That lock is the place in the outbox. Rows of devices would do for the comparison, but not for the order: a
/// transaction that began first and waited for a device would write its events in front of what it has waited for.
@Loop final class Announcer {
    private static let mostDue = 500
    private static let mostAdopted = 5_000
    /// What another replica is at work on is not asked for again at once.
    private static let shortestPause = Duration.milliseconds(100)

    /// What tells of devices.
    private(set) lazy var consumer = OutboxConsumer(
        "alerts", pool: pool, batch: 500, onCommitted: { [unowned self] in committed() },
        handle: { [unowned self] in try await handle($0, $1) })

    private let pool: PostgresPool
    private let metrics: Metrics
    private let rules: [AlertRule]
    /// Events that stand in the outbox since the last call of ``onAnnounced``.
    private var written = 0
    /// Devices are due, and batches of events have left no room for them.
    private var dueWaits = false
    /// There are new events.
    var onAnnounced: () -> Void = {}
    /// A device is to be looked at again in so long.
    var onScheduled: (Duration) -> Void = { _ in }

    init(pool: PostgresPool, metrics: Metrics = Metrics(), rules: [AlertRule] = AlertCatalogue.rules) {
        self.pool = pool
        self.metrics = metrics
        self.rules = rules
    }

    /// Looks at the devices that the events are about.
    func handle(_ events: [OutboxEvent], _ transaction: PostgresTransaction) async throws {
        var occasions: [DeviceID: Occasion] = [:]
        for var occasion in events.compactMap(Occasion.init) {
            occasion.requestId = occasion.requestId ?? occasions[occasion.deviceId]?.requestId
            occasions[occasion.deviceId] = occasion
        }
        if dueWaits {
            dueWaits = false
            for due in try await transaction.queries([AnnouncementStore.lockDue(Self.mostDue)])[0].map(Occasion.init)
            where occasions[due.deviceId] == nil {
                occasions[due.deviceId] = due
            }
        }
        guard !occasions.isEmpty else { return }
        let all = occasions.values.sorted { $0.deviceId < $1.deviceId }
        written += try await compare(all, transaction, locking: AnnouncementStore.lock(all))
    }

    /// Looks at devices whose time has come, as many as one transaction should hold. Returns how long there is nothing
    /// more to do: zero after a batch, nil if no device is known.
    func announceDue() async throws -> Duration? {
        var pause: Duration? = .zero
        let announced = try await consumer.betweenBatches { transaction in
            let answers = try await transaction.queries([
                AnnouncementStore.lockDue(Self.mostDue), AnnouncementStore.untilNext,
            ])
            let due = try answers[0].map(Occasion.init)
            if due.isEmpty {
                let wait: Int? = try answers[1][0].optional("milliseconds")
                pause = wait.map { max(.milliseconds($0), Self.shortestPause) }
            }
            return try await self.compare(due, transaction)
        }
        dueWaits = announced == nil
        guard let announced else { return Self.shortestPause }
        if announced > 0 { onAnnounced() }
        return pause
    }

    /// Finds the devices that no due time would bring: those that no event has told of, since they are older than this
    /// service's memory, and those that were last seen to when the clock was ahead.
    func findForgotten() async throws {
        if try await pool.atomically([AnnouncementStore.bringForward])[0].affectedRows > 0 { onScheduled(.zero) }
        while true {
            let adopted = try await pool.atomically([AnnouncementStore.adopt(Self.mostAdopted)])[0].affectedRows
            if adopted > 0 { onScheduled(.zero) }
            if adopted < Self.mostAdopted { return }
        }
    }

    /// Returns how many transitions there were; a device that is no more has no alerts. The devices' rows are locked, by
    /// `locking` at the latest.
    private func compare(
        _ occasions: [Occasion], _ transaction: PostgresTransaction, locking: [BoundStatement] = []
    ) async throws -> Int {
        guard !occasions.isEmpty else { return 0 }
        let ids = occasions.map(\.deviceId)
        let answers = try await transaction.queries(
            locking + [AnnouncementStore.facts(ids), AnnouncementStore.announced(ids), AnnouncementStore.clock]
        ).suffix(3).map(\.self)
        let devices = Dictionary(
            uniqueKeysWithValues: try answers[0].map(DeviceFacts.init).map { ($0.deviceId, $0) })
        let before = Dictionary(
            grouping: try answers[1].map { try $0.decoded("alert", as: Alert.self) }, by: \.deviceId)
        let now = try answers[2][0].timestamp("now")

        let latest = now + AnnouncementStore.longestRest
        var announcements: [Announcement] = []
        var due: [(device: DeviceID, at: Timestamp)] = []
        for occasion in occasions {
            let announced = before[occasion.deviceId] ?? []
            var current: [Alert] = []
            if let device = devices[occasion.deviceId] {
                current = alerts(of: device, at: now, announced: announced, rules: rules)
                due.append((device.deviceId, min(nextDueTime(of: device, after: now, rules: rules) ?? latest, latest)))
            }
            announcements += transitions(from: announced, to: current).map {
                Announcement(change: $0, orgId: occasion.orgId, requestId: occasion.requestId)
            }
        }
        var statements = [AnnouncementStore.schedule(due, at: now)]
        if !announcements.isEmpty { statements += try AnnouncementStore.announce(announcements, at: now) }
        if due.count < ids.count { statements.append(AnnouncementStore.forget(ids.filter { devices[$0] == nil })) }
        _ = try await transaction.queries(statements)
        if let next = due.map(\.at).min() { onScheduled(next - now) }
        for announcement in announcements { count(announcement.change) }
        return announcements.count
    }

    /// Before the commit: what is undone and announced again is counted again.
    private func count(_ change: DeviceAlertChanged) {
        metrics.counter(
            "ebon_alerts_announced_total", "Alerts that were raised or cleared, by type.",
            ["type": change.alert.type.rawValue, "state": change.state.rawValue]
        ).increment()
    }

    /// A transaction with ``handle(_:_:)`` in it has been committed.
    func committed() {
        guard written > 0 else { return }
        written = 0
        onAnnounced()
    }
}
