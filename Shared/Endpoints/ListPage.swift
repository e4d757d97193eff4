import JSON

/// What comes in lists that are read page by page.
package protocol ListEntry: Encodable, Sendable {
    /// The member of a page that holds the entries, for example `commands`.
    static var listName: String { get }
    /// What the OpenAPI document calls a page, for example `CommandPage`.
    static var pageName: String { get }
    /// What an entry looks like in JSON.
    static var schema: Schema { get }
}

/// A page of a list: `{"<listName>":[…],"nextCursor":…}`.
package struct ListPage<Entry: ListEntry>: Encodable, Sendable {
    /// In the list's order.
    package let entries: [Entry]
    /// Where the next page begins; nil, and written as `null`, on the last one.
    package let nextCursor: String?

    /// A page; the cursor is opaque to clients.
    package init(_ entries: [Entry], nextCursor: String?) {
        self.entries = entries
        self.nextCursor = nextCursor
    }

    private struct Member: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }

        init?(intValue: Int) { nil }
    }

    /// The entries under their own name, then the cursor.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Member.self)
        try container.encode(entries, forKey: Member(stringValue: Entry.listName))
        try container.encode(nextCursor, forKey: Member(stringValue: "nextCursor"))
    }

    /// What a page looks like in JSON.
    package static var schema: Schema {
        Schema.object([
            .required(Entry.listName, .array(of: Entry.schema)), .required("nextCursor", Schema.string.orNull),
        ]).named(Entry.pageName)
    }
}
