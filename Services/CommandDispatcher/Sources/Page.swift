import CommandDispatcherRoutes
import JSON

/// As much of a list as one answer holds.
struct Page<Entry: Encodable> {
    let entries: [Entry]
    /// There is nothing behind it.
    let isLast: Bool

    /// A reply travels in one message of the bus, which has 2 MiB: a page of long entries is a shorter one, and never
    /// empty, since one entry always fits.
    private static var mostBytes: Int { 3 << 19 }

    /// Of `found`, which is the list's beginning, up to `limit` entries and one more where there is one.
    init(_ found: [Entry], limit: Int) throws {
        var bytes = 0
        var fitting = 0
        for entry in found.prefix(limit) {
            bytes += try JSON(encoding: entry).serialized().count
            guard fitting == 0 || bytes <= Self.mostBytes else { break }
            fitting += 1
        }
        entries = Array(found.prefix(fitting))
        isLast = fitting == found.count
    }

    /// Where the next page begins; nil on the last one.
    func nextCursor(_ place: (Entry) -> ListCursor) -> String? { isLast ? nil : entries.last.map { place($0).text } }
}
