import Bus
import HTTP
import JSON
import Models

/// An event as it goes out: one frame, which all sockets share.
final class LiveEvent {
    let position: OutboxPosition
    let scope: Scope
    let frame: SharedMessage

    /// Nil for a type that stays between the services.
    init?(_ event: WrittenEvent) {
        guard let scope = EventCatalogue.publicScopes[event.type] else { return nil }
        position = event.position
        self.scope = scope
        frame = SharedMessage(text: Self.text(event))
    }

    private static func text(_ event: WrittenEvent) -> [UInt8] {
        let head: JSON = [
            "id": .string(event.id.rawValue), "type": .string(event.type.rawValue),
            "createdAt": .string(event.createdAt.description),
        ]
        return head.serialized().dropLast() + Array(#","data":"#.utf8) + Array(event.data.utf8) + [UInt8(ascii: "}")]
    }
}
