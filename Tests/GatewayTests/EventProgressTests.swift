import Bus
import Models
import Testing

@testable import Gateway

@Suite("The progress of a listener") struct EventProgressTests {
    private static let organization: [Int64] = [1, 2, 3, 4, 5, 6, 7, 8]

    private static func place(_ number: Int64) -> OutboxPosition { OutboxPosition(xid: number, id: number) }

    private static func event(_ number: Int64, bytes: Int = 2) -> LiveEvent {
        LiveEvent(
            WrittenEvent(
                position: place(number), id: EventID("evt_\(number)"), orgId: "acme", type: DeviceStatusChanged.type,
                createdAt: "2026-04-09T08:10:00.000Z", data: String(repeating: " ", count: bytes - 2) + "{}"))!
    }

    /// A feed, and a listener that joins it: what the listener has been handed, in order.
    private struct Listener {
        var progress: EventProgress
        var handed: [Int64] = []
        var pending: (after: OutboxPosition, through: OutboxPosition)?

        mutating func take(_ step: EventProgress.Step) {
            switch step {
            case .read(let start, let end): pending = (start, end)
            case .live:
                pending = nil
                handed += progress.takeHeld().map(\.position).map(number)
            }
        }

        mutating func readPage(of most: Int) {
            guard let page = pending else { return }
            let found = EventProgressTests.organization.filter {
                page.after < place($0) && place($0) <= page.through
            }.prefix(most)
            handed += found
            take(progress.replayed(through: found.count == most ? place(found.last!) : page.through))
        }

        mutating func happened(_ number: Int64) {
            if progress.happened(event(number)) { handed.append(number) }
        }

        private func number(_ position: OutboxPosition) -> Int64 {
            EventProgressTests.organization.first { place($0) == position }!
        }
    }

    @Test(
        "hands out what follows its beginning once and in order, wherever the feed stands and whenever a page is read",
        arguments: organization.flatMap { start in organization.map { (start, $0) } })
    func interleavings(start: Int64, feed: Int64) {
        // Each bit says whether a page is read before the feed brings the next event.
        for order in 0..<(1 << 8) {
            for pageSize in 1...3 {
                var listener = Listener(progress: EventProgress(after: Self.place(start)))
                listener.take(listener.progress.joined(at: Self.place(feed)))
                for number in Self.organization where number > feed {
                    if order & (1 << Int(number - 1)) != 0 { listener.readPage(of: pageSize) }
                    listener.happened(number)
                }
                while listener.pending != nil { listener.readPage(of: pageSize) }
                #expect(listener.handed == Self.organization.filter { $0 > start })
                let isLive = listener.progress.isLive
                #expect(isLive)
            }
        }
    }

    @Test("reads from the outbox again what is too much to be held") func overflow() {
        var progress = EventProgress(after: Self.place(1))
        let half = EventProgress.mostHeldBytes / 2
        let first = progress.joined(at: Self.place(3))
        let large = [4, 5].map { progress.happened(Self.event($0, bytes: half)) }
        let small = progress.happened(Self.event(6))
        let second = progress.replayed(through: Self.place(3))
        let heldTooEarly = progress.takeHeld().count
        let third = progress.replayed(through: Self.place(5))
        let held = progress.takeHeld().map(\.position)
        let live = [7, 7].map { progress.happened(Self.event($0)) }
        #expect(first == .read(after: Self.place(1), through: Self.place(3)))
        #expect(large + [small] == [false, false, false])
        #expect(second == .read(after: Self.place(3), through: Self.place(5)))
        #expect(heldTooEarly == 0)
        #expect(third == .live)
        #expect(held == [Self.place(6)])
        #expect(live == [true, false])
    }
}
