import Bus
import EventLoop
import Models
import Postgres
import ServiceRuntime

/// Reads for those who have missed something: page by page, a few at a time, in turns.
@Loop final class EventReplays {
    static let pageSize = 200
    static let mostAtATime = 4
    static let pause = Duration.milliseconds(500)

    private struct Page {
        let start: OutboxPosition
        let end: OutboxPosition
        let session: EventSession
    }

    private let reader: OutboxReader
    private var waiting: [Page] = []
    private var running = 0

    init(reader: OutboxReader) { self.reader = reader }

    /// Reads one page, at most one for each session at a time, and hands it to the session.
    func read(after start: OutboxPosition, through end: OutboxPosition, for session: EventSession) {
        waiting.append(Page(start: start, end: end, session: session))
        readNext()
    }

    private func readNext() {
        while running < Self.mostAtATime, !waiting.isEmpty {
            let page = waiting.removeFirst()
            guard page.session.isOpen else { continue }
            running += 1
            Task.immediate(executorPreference: Loop.executor) { @Loop in
                await read(page)
                running -= 1
                readNext()
            }
        }
    }

    private func read(_ page: Page) async {
        do {
            let events = try await reader.events(
                after: page.start, through: page.end, of: page.session.caller.orgId, types: page.session.filter.types,
                limit: Self.pageSize)
            let isFull = events.count == Self.pageSize
            page.session.replayed(events, through: isFull ? events.last?.position ?? page.end : page.end)
        } catch {
            Log.warning("a replay waits: the outbox could not be read", ["error": "\(error)"])
            Loop.schedule(after: Self.pause) { [self] in
                waiting.append(page)
                readNext()
            }
        }
    }
}
