import Bus
import EventLoop
import Models
import Postgres

/// Announces each transition of an alert once, whichever replica notices it: whoever compares a device with what was
/// announced of it holds the device's row until the difference is committed together with its events.
@Loop final class Announcer {
    private static let mostDue = 200

    private let pool: PostgresPool
    /// Events that stand in the outbox since the last call of ``onAnnounced``.
    private var written = 0
    var onAnnounced: () -> Void = {}

    init(pool: PostgresPool) { self.pool = pool }

    /// Looks at the devices that the events are about.
    func handle(_ events: [OutboxEvent], _ transaction: PostgresTransaction) async throws {
        var occasions: [DeviceID: Occasion] = [:]
        for event in events {
            if let occasion = Occasion(event) { occasions[occasion.deviceId] = occasion }
        }
        guard !occasions.isEmpty else { return }
        _ = try await transaction.queries([AnnouncementStore.lock(Array(occasions.values))])
        written += try await compare(occasions.mapValues(\.requestId), transaction)
    }

    /// Call it when a transaction with ``handle(_:_:)`` in it has been committed.
    func committed() {
        guard written > 0 else { return }
        written = 0
        onAnnounced()
    }

    /// Looks at the devices whose time has come.
    func announceDue() async throws {
        var count: Int
        repeat {
            count = 0
            let announced = try await pool.transaction { transaction in
                let due = try await transaction.queries([AnnouncementStore.lockDue(Self.mostDue)])[0]
                count = due.count
                let devices: [DeviceID] = try due.map { try $0.value("device_id") }
                return try await self.compare(devices.reduce(into: [:]) { $0[$1] = .some(nil) }, transaction)
            }
            if announced > 0 { onAnnounced() }
        } while count == Self.mostDue
    }

    /// Finds the devices that no event has told of, such as those that are older than this service's memory.
    func adoptUnknown() async throws { _ = try await pool.query(AnnouncementStore.adopt) }

    /// Returns how many transitions there were; the devices' rows are locked, so that what is read is the newest.
    private func compare(
        _ devices: [DeviceID: String?], _ transaction: PostgresTransaction
    ) async throws -> Int {
        guard !devices.isEmpty else { return 0 }
        let ids = devices.keys.sorted()
        let answers = try await transaction.queries([
            AnnouncementStore.facts(ids), AnnouncementStore.announced(ids), AnnouncementStore.clock,
        ])
        let facts = try answers[0].map(DeviceFacts.init)
        let before = Dictionary(
            grouping: try answers[1].map { try $0.decoded("alert", as: Alert.self) }, by: \.deviceId)
        let now = try answers[2][0].timestamp("now")

        let announcements = facts.flatMap { device in
            transitions(from: before[device.deviceId] ?? [], to: alerts(of: device, at: now)).map {
                Announcement(change: $0, orgId: device.orgId, requestId: devices[device.deviceId] ?? nil)
            }
        }
        let latest = now + AnnouncementStore.longestRest
        let due = facts.map { (device: $0.deviceId, at: min(nextDueTime(of: $0, after: now) ?? latest, latest)) }
        let gone = Set(ids).subtracting(facts.map(\.deviceId))
        var statements = [AnnouncementStore.schedule(due)]
        if !gone.isEmpty { statements.append(AnnouncementStore.forget(gone.sorted())) }
        if !announcements.isEmpty { statements += try AnnouncementStore.announce(announcements, at: now) }
        _ = try await transaction.queries(statements)
        return announcements.count
    }
}
