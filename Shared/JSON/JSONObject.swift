/// The members of a JSON object: in order, each name once, found by name in constant time.
package struct JSONObject: Sendable {
    /// A name with its value.
    package struct Member: Sendable, Hashable {
        /// The member's name.
        package let name: String
        /// The member's value.
        package var value: JSON
    }

    /// The members in the order in which they were added.
    package private(set) var members: [Member] = []
    private var positions: [String: Int]?

    private static let scanned = 12

    /// An object without members.
    package init() {}

    /// An object of these members in this order; a name that comes twice keeps its last value.
    package init(_ members: some Sequence<(String, JSON)>) {
        for (name, value) in members { self[name] = value }
    }

    /// The value of the member of that name; assigning nil removes the member, assigning to a new name appends one.
    package subscript(name: String) -> JSON? {
        get { position(of: name).map { members[$0].value } }
        set {
            if let position = position(of: name) {
                if let newValue { members[position].value = newValue } else { remove(at: position) }
            } else if let newValue {
                append(name, newValue)
            }
        }
    }

    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }

    /// The number of members.
    package var count: Int { members.count }

    /// Both objects' members; a name that both have keeps its place and gets the value that `other` has.
    package func merging(_ other: JSONObject) -> JSONObject {
        other.members.reduce(into: self) { $0[$1.name] = $1.value }
    }

    /// Adds a member unless one of that name is there already.
    /// - Returns: whether it was added.
    mutating func insert(_ name: String, _ value: JSON) -> Bool {
        guard position(of: name) == nil else { return false }
        append(name, value)
        return true
    }

    private func position(of name: String) -> Int? {
        if let positions { return positions[name] }
        return members.firstIndex { $0.name == name }
    }

    private mutating func append(_ name: String, _ value: JSON) {
        members.append(Member(name: name, value: value))
        if positions != nil {
            positions?[name] = members.count - 1
        } else if members.count > Self.scanned {
            index()
        }
    }

    private mutating func remove(at position: Int) {
        members.remove(at: position)
        if positions != nil { index() }
    }

    private mutating func index() {
        var positions: [String: Int] = [:]
        for (position, member) in members.enumerated() { positions[member.name] = position }
        self.positions = positions
    }
}

extension JSONObject: Hashable {
    /// Equal when both have the same members, in whatever order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.name] == $0.value }
    }

    /// Independent of the order of the members.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(members.reduce(into: 0) { $0 ^= $1.hashValue })
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members in the order in which they are written.
    package init(dictionaryLiteral members: (String, JSON)...) { self.init(members) }
}
