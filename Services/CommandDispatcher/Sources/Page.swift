import CommandDispatcherRoutes
import Endpoints
import JSON

/// As much of a list as one answer holds.
struct Page<Entry: Encodable> {
    let entries: [Entry]
    /// There is nothing behind it.
    let isLast: Bool

    /// What one caller gets at once has a bound that entries alone do not give it, since a single one may have half a
    /// megabyte: a page of long entries is a shorter one. It is never empty.
    private static var mostBytes: Int { 3 << 19 }

    /// Of `found`, which is the list's beginning, up to `limit` entries and one more where there is one.
    init(_ found: [Entry], limit: Int) throws {
        var bytes = 0
        var fitting = 0
        for entry in found.prefix(limit) {
            bytes += try JSON.text(encoding: entry).count
            guard fitting == 0 || bytes <= Self.mostBytes else { break }
            fitting += 1
        }
        entries = Array(found.prefix(fitting))
        isLast = fitting == found.count
    }

}

extension Page where Entry: ListEntry {
    /// `place` says where the list goes on behind an entry.
    func answer(_ place: (Entry) -> ListCursor) -> ListPage<Entry> {
        ListPage(entries, nextCursor: isLast ? nil : entries.last.map { place($0).text })
    }
}
