import Models

/// A week's receipts of an organization.
struct Digest: Codable, Sendable {
    struct Figures: Codable, Sendable {
        let receipts: Int64
        let sales: Money
        let returns: Money

        var net: Money { sales - returns }
    }

    struct Device: Codable, Sendable {
        let name: String
        let figures: Figures
    }

    /// Midnight of its Monday and of the next.
    let from: Timestamp
    let to: Timestamp
    let week: Figures
    let weekBefore: Figures
    /// Those that have issued receipts, the busiest first.
    let devices: [Device]
}

/// A week that is over, and when it is told.
struct DigestWeek: Equatable {
    /// The hour in Bucharest at which Monday's digests are made.
    static let hour = 8

    let from: Timestamp
    let to: Timestamp
    let before: Timestamp

    /// The last week that was to be told by that moment.
    init(dueAt moment: Timestamp) {
        let due = CivilTime.lastMonday(at: Self.hour, before: moment)
        to = CivilTime.lastMonday(at: 0, before: due)
        from = CivilTime.lastMonday(at: 0, before: to - .seconds(1))
        before = CivilTime.lastMonday(at: 0, before: from - .seconds(1))
    }

    /// The Monday on which it is told, `2026-04-27`.
    var monday: String { String((to + .seconds(12 * 3600)).description.prefix(10)) }
}
