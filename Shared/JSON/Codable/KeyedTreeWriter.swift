/// The members of an object, written by key.
struct KeyedTreeWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }

    private func set(_ value: JSON, _ key: Key) { encoder.object?[key.stringValue] = value }
    private func path(_ key: Key) -> TreePath { TreePath(encoder.path, key) }

    func encodeNil(forKey key: Key) { set(.null, key) }
    func encode(_ value: Bool, forKey key: Key) { set(.bool(value), key) }
    func encode(_ value: String, forKey key: Key) { set(.string(value), key) }
    func encode(_ value: Double, forKey key: Key) throws { set(try TreeEncoder.number(value, at: path(key)), key) }
    func encode(_ value: Float, forKey key: Key) throws { set(try TreeEncoder.number(value, at: path(key)), key) }
    func encode(_ value: Int, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: Int8, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: Int16, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: Int32, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: Int64, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: UInt, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: UInt8, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: UInt16, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: UInt32, forKey key: Key) { set(.number(value), key) }
    func encode(_ value: UInt64, forKey key: Key) { set(.number(value), key) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        set(try TreeEncoder.encode(value, at: path(key)), key)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder.nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.nested(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.nested(TreeKey.superclass) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.nested(key) }
}

/// The elements of an array, written one after the other.
struct UnkeyedTreeWriter: UnkeyedEncodingContainer {
    let encoder: TreeEncoder
    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.array?.count ?? 0 }

    private var path: TreePath { TreePath(encoder.path, TreeKey(intValue: count)) }
    private func append(_ value: JSON) { encoder.array?.append(value) }

    func encodeNil() { append(.null) }
    func encode(_ value: Bool) { append(.bool(value)) }
    func encode(_ value: String) { append(.string(value)) }
    func encode(_ value: Double) throws { append(try TreeEncoder.number(value, at: path)) }
    func encode(_ value: Float) throws { append(try TreeEncoder.number(value, at: path)) }
    func encode(_ value: Int) { append(.number(value)) }
    func encode(_ value: Int8) { append(.number(value)) }
    func encode(_ value: Int16) { append(.number(value)) }
    func encode(_ value: Int32) { append(.number(value)) }
    func encode(_ value: Int64) { append(.number(value)) }
    func encode(_ value: UInt) { append(.number(value)) }
    func encode(_ value: UInt8) { append(.number(value)) }
    func encode(_ value: UInt16) { append(.number(value)) }
    func encode(_ value: UInt32) { append(.number(value)) }
    func encode(_ value: UInt64) { append(.number(value)) }
    func encode<Value: Encodable>(_ value: Value) throws { append(try TreeEncoder.encode(value, at: path)) }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        encoder.nestedElement().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.nestedElement().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.nestedElement() }
}
