import Models

/// The time on a clock in Romania: UTC+2, and UTC+3 from the last Sunday of March, 01:00 UTC, to the last of October.
struct BucharestTime {
    /// `21.11.2026`
    let date: String
    /// `05:31:02`
    let time: String

    init(_ moment: Timestamp) {
        let offset: Duration = Self.isSummer(moment) ? .seconds(3 * 3600) : .seconds(2 * 3600)
        let text = (moment + offset).description
        let parts = text.prefix(10).split(separator: "-")
        date = parts.reversed().joined(separator: ".")
        time = String(text.dropFirst(11).prefix(8))
    }

    private static func isSummer(_ moment: Timestamp) -> Bool {
        let year = moment.description.prefix(4)
        guard let march = Timestamp("\(year)-03-31T01:00:00Z"), let october = Timestamp("\(year)-10-31T01:00:00Z")
        else {
            return false
        }
        return moment >= sundayBefore(march) && moment < sundayBefore(october)
    }

    /// The same time of day on the Sunday of, or before, that day; 1970 began on a Thursday.
    private static func sundayBefore(_ day: Timestamp) -> Timestamp {
        let days = day.milliseconds / 86_400_000
        return day - .seconds((days + 4) % 7 * 86_400)
    }
}
