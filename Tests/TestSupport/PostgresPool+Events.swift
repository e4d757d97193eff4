import Models
import Postgres

extension PostgresPool {
    /// The events of a type in the outbox, oldest first, as their consumers decode them.
    package func events<Event: EventData>(_ type: Event.Type = Event.self) async throws -> [Event] {
        try await query("SELECT data FROM bus.outbox WHERE type = $1 ORDER BY id", [type.type.rawValue])
            .map { try $0.decoded("data") }
    }
}
