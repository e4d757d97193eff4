import FoundationEssentials

/// Writes what a value encodes as JSON text at once, without a tree in between: the way of every reply.
///
/// One encoder serves a whole value; each value that is written opens at most one container, which ``write(_:)`` closes.
final class TextEncoder: Encoder {
    /// What the value that is being written has opened so far.
    private enum Opened {
        case nothing
        case object(isEmpty: Bool)
        case array(count: Int)
        case value
    }

    var bytes: [UInt8]
    private var opened = Opened.nothing
    /// The container inside of the open one that its owner writes bit by bit: a tree, written when the owner goes on.
    private var inner: (name: String?, tree: TreeEncoder)?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ bytes: consuming [UInt8]) {
        self.bytes = bytes
    }

    func write<Value: Encodable>(_ value: Value) throws {
        if Value.self == JSON.self, let tree = value as? JSON { return tree.append(to: &bytes) }
        if Value.self == Decimal.self, let decimal = value as? Decimal {
            return try TreeEncoder.number(decimal, at: nil).append(to: &bytes)
        }
        let outer = (opened, inner)
        (opened, inner) = (.nothing, nil)
        try value.encode(to: self)
        close()
        (opened, inner) = outer
    }

    /// Writes the value that is being encoded, which is a tree already.
    func write(whole value: JSON) {
        opened = .value
        append(value)
    }

    private func close() {
        writeNested()
        switch opened {
        case .nothing: bytes.append(contentsOf: [UInt8(ascii: "{"), UInt8(ascii: "}")])
        case .object: bytes.append(UInt8(ascii: "}"))
        case .array: bytes.append(UInt8(ascii: "]"))
        case .value: break
        }
    }

    private func writeNested() {
        guard let (name, tree) = inner else { return }
        inner = nil
        if let name { begin(member: name) } else { beginElement() }
        tree.finish().append(to: &bytes)
    }

    func begin(member name: String) {
        if inner != nil { writeNested() }
        if case .object(isEmpty: false) = opened { bytes.append(UInt8(ascii: ",")) }
        opened = .object(isEmpty: false)
        name.appendJSON(to: &bytes)
        bytes.append(UInt8(ascii: ":"))
    }

    func beginElement() {
        if inner != nil { writeNested() }
        guard case .array(let count) = opened else { return }
        if count > 0 { bytes.append(UInt8(ascii: ",")) }
        opened = .array(count: count + 1)
    }

    /// How many elements the open array has.
    var count: Int {
        if case .array(let count) = opened { count + (inner == nil ? 0 : 1) } else { 0 }
    }

    func append(_ value: JSON) { value.append(to: &bytes) }

    func append(_ value: some BinaryInteger) {
        var text = String(value)
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }

    func nestedMember(_ key: any CodingKey) -> TreeEncoder {
        nested(key.stringValue)
    }

    func nestedElement() -> TreeEncoder {
        nested(nil)
    }

    private func nested(_ name: String?) -> TreeEncoder {
        if inner != nil { writeNested() }
        let tree = TreeEncoder(at: nil)
        inner = (name, tree)
        return tree
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if case .nothing = opened {
            bytes.append(UInt8(ascii: "{"))
            opened = .object(isEmpty: true)
        }
        return KeyedEncodingContainer(KeyedTextWriter<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if case .nothing = opened {
            bytes.append(UInt8(ascii: "["))
            opened = .array(count: 0)
        }
        return UnkeyedTextWriter(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        opened = .value
        return SingleTextWriter(encoder: self)
    }
}
