import FoundationEssentials

/// Collects what one value encodes: a single value, the members of an object, or the elements of an array.
final class TreeEncoder: Encoder {
    let path: TreePath?
    var codingPath: [any CodingKey] { TreePath.keys(path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    var single: JSON?
    var object: JSONObject?
    var array: [JSON]?
    private var nestedMembers: [(String, TreeEncoder)] = []
    private var nestedElements: [(Int, TreeEncoder)] = []

    init(at path: TreePath?) {
        self.path = path
    }

    static func encode<Value: Encodable>(_ value: Value, at path: @autoclosure () -> TreePath?) throws -> JSON {
        if Value.self == JSON.self, let tree = value as? JSON { return tree }
        if Value.self == Decimal.self, let decimal = value as? Decimal { return try number(decimal, at: path()) }
        let encoder = TreeEncoder(at: path())
        try value.encode(to: encoder)
        return encoder.finish()
    }

    static func number(_ decimal: Decimal, at path: TreePath?) throws -> JSON {
        guard let number = JSONNumber(decimal) else { throw notANumber(decimal, at: path) }
        return .number(number)
    }

    static func number<Number: BinaryFloatingPoint & CustomStringConvertible>(
        _ value: Number, at path: @autoclosure () -> TreePath?
    ) throws -> JSON {
        guard let number = JSONNumber(lexeme: value.description) else { throw notANumber(value, at: path()) }
        return .number(number)
    }

    private static func notANumber(_ value: Any, at path: TreePath?) -> EncodingError {
        .invalidValue(value, .init(codingPath: TreePath.keys(path), debugDescription: "is not a JSON number"))
    }

    func finish() -> JSON {
        for (name, encoder) in nestedMembers { object?[name] = encoder.finish() }
        for (position, encoder) in nestedElements { array?[position] = encoder.finish() }
        if let single { return single }
        if let array { return .array(array) }
        return .object(object ?? JSONObject())
    }

    func nested(_ key: any CodingKey) -> TreeEncoder {
        let encoder = TreeEncoder(at: TreePath(path, key))
        object?[key.stringValue] = .null
        nestedMembers.append((key.stringValue, encoder))
        return encoder
    }

    func nestedElement() -> TreeEncoder {
        let position = array?.count ?? 0
        let encoder = TreeEncoder(at: TreePath(path, TreeKey(intValue: position)))
        array?.append(.null)
        nestedElements.append((position, encoder))
        return encoder
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        if object == nil { object = JSONObject() }
        return KeyedEncodingContainer(KeyedTreeWriter<Key>(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        if array == nil { array = [] }
        return UnkeyedTreeWriter(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { SingleTreeWriter(encoder: self) }
}

/// One value, written whole.
struct SingleTreeWriter: SingleValueEncodingContainer {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() { encoder.single = .null }
    func encode(_ value: Bool) { encoder.single = .bool(value) }
    func encode(_ value: String) { encoder.single = .string(value) }
    func encode(_ value: Double) throws { encoder.single = try TreeEncoder.number(value, at: encoder.path) }
    func encode(_ value: Float) throws { encoder.single = try TreeEncoder.number(value, at: encoder.path) }
    func encode(_ value: Int) { encoder.single = .number(value) }
    func encode(_ value: Int8) { encoder.single = .number(value) }
    func encode(_ value: Int16) { encoder.single = .number(value) }
    func encode(_ value: Int32) { encoder.single = .number(value) }
    func encode(_ value: Int64) { encoder.single = .number(value) }
    func encode(_ value: UInt) { encoder.single = .number(value) }
    func encode(_ value: UInt8) { encoder.single = .number(value) }
    func encode(_ value: UInt16) { encoder.single = .number(value) }
    func encode(_ value: UInt32) { encoder.single = .number(value) }
    func encode(_ value: UInt64) { encoder.single = .number(value) }
    func encode<Value: Encodable>(_ value: Value) throws {
        encoder.single = try TreeEncoder.encode(value, at: encoder.path)
    }
}
