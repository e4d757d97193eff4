import FoundationEssentials

/// Decodes from one value of a JSON tree.
final class TreeDecoder: Decoder {
    let value: JSON
    let path: TreePath?
    var codingPath: [any CodingKey] { TreePath.keys(path) }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ value: JSON, at path: TreePath?) {
        self.value = value
        self.path = path
    }

    static func decode<Value: Decodable>(
        _ type: Value.Type, from value: JSON, at path: @autoclosure () -> TreePath?
    ) throws -> Value {
        if type == JSON.self, let tree = value as? Value { return tree }
        let decoder = TreeDecoder(value, at: path())
        if type == Decimal.self, let decimal = try decoder.decimal() as? Value { return decimal }
        return try Value(from: decoder)
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let object) = value else { throw mismatch([String: JSON].self, "an object") }
        return KeyedDecodingContainer(KeyedTreeReader<Key>(object: object, decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let elements) = value else { throw mismatch([JSON].self, "an array") }
        return UnkeyedTreeReader(elements: elements, decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        SingleTreeReader(decoder: self)
    }

    func mismatch(_ type: Any.Type, _ expected: String) -> DecodingError {
        let context = DecodingError.Context(codingPath: codingPath, debugDescription: "must be \(expected)")
        return value.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func bool() throws -> Bool {
        guard case .bool(let bool) = value else { throw mismatch(Bool.self, "a boolean") }
        return bool
    }

    func string() throws -> String {
        guard case .string(let string) = value else { throw mismatch(String.self, "a string") }
        return string
    }

    func integer<Integer: FixedWidthInteger>(_ type: Integer.Type) throws -> Integer {
        guard case .number(let number) = value else { throw mismatch(type, "an integer") }
        if let integer = Integer(number.lexeme) { return integer }
        guard let wide = number.integer, let integer = Integer(exactly: wide) else {
            throw mismatch(type, "an integer that fits \(type)")
        }
        return integer
    }

    func floatingPoint<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Number.Type) throws -> Number {
        guard case .number(let number) = value, let result = Number(number.lexeme), result.isFinite else {
            throw mismatch(type, "a number")
        }
        return result
    }

    func decimal() throws -> Decimal {
        guard case .number(let number) = value else { throw mismatch(Decimal.self, "a number") }
        guard let decimal = number.decimal else { throw mismatch(Decimal.self, "a number of at most 38 digits") }
        return decimal
    }
}

/// One value, read whole.
struct SingleTreeReader: SingleValueDecodingContainer {
    let decoder: TreeDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { decoder.value.isNull }
    func decode(_ type: Bool.Type) throws -> Bool { try decoder.bool() }
    func decode(_ type: String.Type) throws -> String { try decoder.string() }
    func decode(_ type: Double.Type) throws -> Double { try decoder.floatingPoint(type) }
    func decode(_ type: Float.Type) throws -> Float { try decoder.floatingPoint(type) }
    func decode(_ type: Int.Type) throws -> Int { try decoder.integer(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try decoder.integer(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try decoder.integer(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try decoder.integer(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try decoder.integer(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try decoder.integer(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try decoder.integer(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try decoder.integer(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try decoder.integer(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try decoder.integer(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try TreeDecoder.decode(type, from: decoder.value, at: decoder.path)
    }
}
