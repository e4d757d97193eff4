import EventLoop
import JSON
import Postgres
import TestSupport
import Testing

/// What was announced of alerts, in the order in which integrators and the mailer read it.
@Loop struct AlertNews {
    struct Story {
        let device: String
        let type: String
        /// `raised` and `cleared`, as they followed each other.
        let states: [String]
    }

    private let books: Books
    private let cloud: Cloud

    init(_ stack: Stack) throws {
        books = Books(stack)
        cloud = try Cloud(stack)
    }

    func close() async { await books.close() }

    /// Waits for what was announced last of an alert; false if that does not come.
    func becomes(_ state: String, _ type: String, of device: String) async throws -> Bool {
        let reached: Bool? = try await eventually {
            try await stories().contains { $0.device == device && $0.type == type && $0.states.last == state }
                ? true : nil
        }
        return reached == true
    }

    /// Waits until the engine has read everything, then compares what was announced with what is read: an issue for
    /// whatever was said twice, not at all, or in the wrong order.
    func check(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let isRead: Bool? = try await eventually {
            try await books.count(Self.unread) == 0 ? true : nil
        }
        #expect(isRead == true, sourceLocation: sourceLocation)
        let answer = try await cloud.get("/api/v1/devices/alerts")
        let open = (answer.json["alerts"]?.object?.members ?? []).flatMap { device in
            (device.value.array ?? []).compactMap { $0["type"]?.string }.map { "\(device.name) \($0)" }
        }
        let violations = Self.violations(try await stories(), open: Set(open))
        for violation in violations { Issue.record(Comment(rawValue: violation), sourceLocation: sourceLocation) }
    }

    nonisolated static func violations(_ stories: [Story], open: Set<String>) -> [String] {
        let announced = stories.filter { $0.states.last == "raised" }.map { "\($0.device) \($0.type)" }
        let muddled = stories.filter { story in
            story.states.enumerated().contains { $1 != ($0.isMultiple(of: 2) ? "raised" : "cleared") }
        }
        return muddled.map { "\($0.device) \($0.type) was announced as \($0.states.joined(separator: ", "))" }
            + open.subtracting(announced).sorted().map { "\($0) is open and was not announced" }
            + Set(announced).subtracting(open).sorted().map { "\($0) was never cleared" }
    }

    private func stories() async throws -> [Story] {
        try await books.database.query(Self.everything, []).map { row in
            Story(
                device: try row.string("device_id"), type: try row.string("type"), states: try row.value("states"))
        }
    }

    private static let everything: Statement = """
        SELECT data ->> 'deviceId' AS device_id, data #>> '{alert,type}' AS type,
            array_agg(data ->> 'state' ORDER BY xid, id) AS states
        FROM bus.outbox WHERE type = 'device.alert' GROUP BY 1, 2
        """

    private static let unread: Statement = """
        SELECT count(*) FROM bus.outbox o JOIN bus.cursor c ON c.consumer = 'alerts' AND (o.xid, o.id) > (c.xid, c.id)
        """
}
