/// A place in the outbox: after everything that was committed up to there.
///
/// Transaction ids order what serial ids cannot: a row's id is given out when it is written, and a transaction that
/// began earlier may commit later. A transaction below the snapshot's xmin has ended, so nothing can appear behind it.
package struct OutboxPosition: Comparable, Hashable, Sendable {
    let xid: Int64
    let id: Int64

    /// The place of the row `id`, which transaction `xid` wrote.
    package init(xid: Int64, id: Int64) {
        self.xid = xid
        self.id = id
    }

    /// After everything that transactions below `xmin` have written.
    init(before xmin: Int64) { self.init(xid: xmin - 1, id: .max) }

    /// The order in which events are handed out.
    package static func < (left: Self, right: Self) -> Bool { (left.xid, left.id) < (right.xid, right.id) }
}
