import JSON
import Models

/// A span of time in a query, its ends included.
package struct Period: Decodable, Sendable {
    package let from: Timestamp?
    package let to: Timestamp?

    private enum CodingKeys: String, CodingKey { case from, to }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        from = try container.decodeIfPresent(Timestamp.self, forKey: .from)
        let end = try container.decodeIfPresent(Timestamp.self, forKey: .to)
        let isDate = try container.decodeIfPresent(String.self, forKey: .to)?.utf8.count == "2026-04-09".utf8.count
        to = isDate ? end.map { $0 + .milliseconds(86_399_999) } : end
        if let from, let to, to < from {
            throw DecodingError.dataCorruptedError(
                forKey: .from, in: container, debugDescription: "must not be after to")
        }
    }

    static let fields: [Field] = [
        .optional(
            "from", .dateTime.described("The first moment. Without an offset it is UTC; a date is its midnight.")),
        .optional("to", .dateTime.described("The last moment; a date is that whole day in UTC.")),
    ]

    /// The place in a descending list behind which the period's entries are.
    package func start(after cursor: ListCursor?) -> ListCursor? {
        let end = to.map { ListCursor(moment: $0 + .milliseconds(1), id: "") }
        return [end, cursor].compactMap(\.self).min()
    }
}
