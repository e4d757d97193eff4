/// The members of an object, written by key.
struct KeyedTextWriter<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: TextEncoder
    var codingPath: [any CodingKey] { [] }

    private func write(_ value: JSON, _ key: Key) {
        encoder.begin(member: key.stringValue)
        encoder.append(value)
    }

    private func write(integer value: some BinaryInteger, _ key: Key) {
        encoder.begin(member: key.stringValue)
        encoder.append(value)
    }

    func encodeNil(forKey key: Key) { write(.null, key) }
    func encode(_ value: Bool, forKey key: Key) { write(.bool(value), key) }

    func encode(_ value: String, forKey key: Key) {
        encoder.begin(member: key.stringValue)
        value.appendJSON(to: &encoder.bytes)
    }

    func encode(_ value: Double, forKey key: Key) throws { write(try TreeEncoder.number(value, at: nil), key) }
    func encode(_ value: Float, forKey key: Key) throws { write(try TreeEncoder.number(value, at: nil), key) }
    func encode(_ value: Int, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: Int8, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: Int16, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: Int32, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: Int64, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: UInt, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: UInt8, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: UInt16, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: UInt32, forKey key: Key) { write(integer: value, key) }
    func encode(_ value: UInt64, forKey key: Key) { write(integer: value, key) }

    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        encoder.begin(member: key.stringValue)
        try encoder.write(value)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type, forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        encoder.nestedMember(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder.nestedMember(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { encoder.nestedMember(TreeKey.superclass) }
    func superEncoder(forKey key: Key) -> any Encoder { encoder.nestedMember(key) }
}

/// The elements of an array, written one after the other.
struct UnkeyedTextWriter: UnkeyedEncodingContainer {
    let encoder: TextEncoder
    var codingPath: [any CodingKey] { [] }
    var count: Int { encoder.count }

    private func write(_ value: JSON) {
        encoder.beginElement()
        encoder.append(value)
    }

    private func write(integer value: some BinaryInteger) {
        encoder.beginElement()
        encoder.append(value)
    }

    func encodeNil() { write(.null) }
    func encode(_ value: Bool) { write(.bool(value)) }

    func encode(_ value: String) {
        encoder.beginElement()
        value.appendJSON(to: &encoder.bytes)
    }

    func encode(_ value: Double) throws { write(try TreeEncoder.number(value, at: nil)) }
    func encode(_ value: Float) throws { write(try TreeEncoder.number(value, at: nil)) }
    func encode(_ value: Int) { write(integer: value) }
    func encode(_ value: Int8) { write(integer: value) }
    func encode(_ value: Int16) { write(integer: value) }
    func encode(_ value: Int32) { write(integer: value) }
    func encode(_ value: Int64) { write(integer: value) }
    func encode(_ value: UInt) { write(integer: value) }
    func encode(_ value: UInt8) { write(integer: value) }
    func encode(_ value: UInt16) { write(integer: value) }
    func encode(_ value: UInt32) { write(integer: value) }
    func encode(_ value: UInt64) { write(integer: value) }

    func encode<Value: Encodable>(_ value: Value) throws {
        encoder.beginElement()
        try encoder.write(value)
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        encoder.nestedElement().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder.nestedElement().unkeyedContainer() }
    func superEncoder() -> any Encoder { encoder.nestedElement() }
}

/// One value, written whole.
struct SingleTextWriter: SingleValueEncodingContainer {
    let encoder: TextEncoder
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { encoder.append(.null) }
    func encode(_ value: Bool) { encoder.append(.bool(value)) }
    func encode(_ value: String) { value.appendJSON(to: &encoder.bytes) }

    func encode(_ value: Double) throws { encoder.append(try TreeEncoder.number(value, at: nil)) }
    func encode(_ value: Float) throws { encoder.append(try TreeEncoder.number(value, at: nil)) }
    func encode(_ value: Int) { encoder.append(value) }
    func encode(_ value: Int8) { encoder.append(value) }
    func encode(_ value: Int16) { encoder.append(value) }
    func encode(_ value: Int32) { encoder.append(value) }
    func encode(_ value: Int64) { encoder.append(value) }
    func encode(_ value: UInt) { encoder.append(value) }
    func encode(_ value: UInt8) { encoder.append(value) }
    func encode(_ value: UInt16) { encoder.append(value) }
    func encode(_ value: UInt32) { encoder.append(value) }
    func encode(_ value: UInt64) { encoder.append(value) }
    func encode<Value: Encodable>(_ value: Value) throws { try encoder.write(value) }
}
