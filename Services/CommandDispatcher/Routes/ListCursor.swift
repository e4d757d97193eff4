import Crypto
import JSON
import Models

/// Where a list that is sorted by a moment, then an id, both descending, goes on: behind this entry. Opaque to clients;
/// one of another list is a place in this one too.
package struct ListCursor: Comparable, Sendable, Decodable {
    package let moment: Timestamp
    package let id: String

    package init(moment: Timestamp, id: String) {
        self.moment = moment
        self.id = id
    }

    package init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), let text = String(validating: bytes, as: UTF8.self) else {
            return nil
        }
        let parts = text.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let milliseconds = Int64(parts[0]), RFC3339.range.contains(milliseconds),
            parts[1].utf8.allSatisfy({ $0.isAlphanumeric || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") })
        else { return nil }
        moment = Timestamp(milliseconds: milliseconds)
        id = String(parts[1])
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let cursor = ListCursor(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: Self.expectation)
        }
        self = cursor
    }

    package var text: String { Base64URL.encode(Array("\(moment.milliseconds) \(id)".utf8)) }

    package static func < (left: ListCursor, right: ListCursor) -> Bool {
        (left.moment, left.id) < (right.moment, right.id)
    }

    static let schema = Schema.string(
        1...256, format: StringFormat(expectation: expectation, accepts: { ListCursor($0) != nil })
    ).described("The nextCursor of the page before this one.")

    private static let expectation = "the nextCursor of an earlier page"
}
