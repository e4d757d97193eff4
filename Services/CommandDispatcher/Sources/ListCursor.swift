import Crypto
import Models

/// Where a list goes on: after the last command of the page before. Opaque to clients.
struct ListCursor {
    let createdAt: Timestamp
    let id: CommandID

    init(after record: CommandRecord) {
        createdAt = record.state.createdAt
        id = record.id
    }

    init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), abs(milliseconds) < 100_000_000_000_000 else {
            return nil
        }
        createdAt = Timestamp(milliseconds: milliseconds)
        id = CommandID(String(parts[1]))
    }

    var text: String { Base64URL.encode(Array("\(createdAt.milliseconds) \(id)".utf8)) }
}
