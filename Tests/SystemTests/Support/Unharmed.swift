import EventLoop
import JSON
import TestSupport
import Testing

extension EverydayStack {
    /// Runs `body`, after which nothing may have been stored, no process may have died, and the system is in health.
    func unharmed(
        sourceLocation: SourceLocation = #_sourceLocation, _ body: @Loop () async throws -> Void
    ) async throws {
        let books = Books(stack)
        let before = try await Stored(books)
        let processes = Self.services.map { stack.pid(of: $0) }
        try await body()
        #expect(try await Stored(books) == before, sourceLocation: sourceLocation)
        #expect(Self.services.map { stack.pid(of: $0) } == processes, sourceLocation: sourceLocation)
        #expect(try await cloud.get("/health").json["status"]?.string == "ok", sourceLocation: sourceLocation)
        await books.close()
    }

    private static let services = [
        "edge-router", "gateway", "command-dispatcher", "org-locations", "billing-webhooks", "alerts-engine",
        "notification-mailer",
    ]

    private struct Stored: Equatable {
        let counts: [Int]

        init(_ books: Books) async throws {
            counts = [
                try await books.count("SELECT count(*) FROM dispatch.commands"),
                try await books.count("SELECT count(*) FROM dispatch.idempotency_keys"),
                try await books.count("SELECT count(*) FROM dispatch.receipts"),
                try await books.count("SELECT count(*) FROM org.devices"),
                try await books.count("SELECT count(*) FROM org.locations"),
                try await books.count("SELECT count(*) FROM billing.stripe_events"),
            ]
        }
    }
}
