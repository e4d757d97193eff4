import FoundationEssentials
import Testing

@testable import JSON

@Suite("Coding values as JSON") struct CodableTests {
    enum Color: String, Codable { case red, blue }

    struct Inner: Codable, Equatable {
        var amount: Decimal
        var tags: [String: Int?]
    }

    struct Outer: Codable, Equatable {
        var name: String
        var missing: Int?
        var color: Color
        var inner: [Inner]
        var raw: JSON
        var numbers: [Double]
        var small: UInt8
        var flag: Bool
    }

    static let value = Outer(
        name: "ț", missing: nil, color: .blue,
        inner: [Inner(amount: Decimal(string: "0.10") ?? 0, tags: ["a": 1]), Inner(amount: -3, tags: [:])],
        raw: ["x": [1, nil]], numbers: [1.5, -2], small: 255, flag: true)

    static let text = """
        {"name":"ț","color":"blue","inner":[{"amount":0.1,"tags":{"a":1}},{"amount":-3,"tags":{}}],\
        "raw":{"x":[1,null]},"numbers":[1.5,-2.0],"small":255,"flag":true}
        """

    @Test("writes members in the order of their declaration and leaves out what is nil")
    func encode() throws {
        #expect(try JSON(encoding: Self.value).text == Self.text)
    }

    @Test("writes the same text with and without a tree in between")
    func textAlone() throws {
        func text(_ value: some Encodable) throws -> String {
            String(decoding: try JSON.text(encoding: value), as: UTF8.self)
        }
        #expect(try text(Self.value) == Self.text)
        #expect(try text(Nested()) == JSON(encoding: Nested()).text)
        #expect(try text([1, nil, 3] as [Int?]) == "[1,null,3]")
        #expect(try text([Color.red]) == #"["red"]"#)
        #expect(try text([String: Int]()) == "{}")
        #expect(try text([["a\n"], []]) == #"[["a\n"],[]]"#)
        #expect(try text(Nothing()) == "{}")
        #expect(try text([Decimal(string: "0.10"), nil]) == "[0.1,null]")
        #expect(try text(["x": [1, nil]] as JSON) == #"{"x":[1,null]}"#)
        #expect(try text(["price": Price()]) == #"{"price":25.00}"#)
        #expect(throws: EncodingError.self) { try JSON.text(encoding: [Decimal.nan]) }
        #expect(throws: EncodingError.self) { try JSON.text(encoding: -Float.infinity) }
    }

    struct Nothing: Codable {}

    /// Encodes itself as a tree, as amounts of money do.
    struct Price: Encodable {
        func encode(to encoder: any Encoder) throws {
            try JSON(parsing: "25.00").encode(to: encoder)
        }
    }

    @Test("reads what it writes, whatever unknown members there are")
    func decode() throws {
        #expect(try JSON(parsing: Self.text).decode(Outer.self) == Self.value)
        let more = Self.text.dropLast() + #","unknown":{"deep":[]},"missing":null}"#
        #expect(try JSON(parsing: String(more)).decode(Outer.self) == Self.value)
    }

    @Test("codes single values, arrays and dictionaries at the root")
    func roots() throws {
        #expect(try JSON(encoding: [1, nil, 3] as [Int?]).text == "[1,null,3]")
        #expect(try JSON(encoding: Color.red) == "red")
        #expect(try JSON(encoding: Decimal(12)).text == "12")
        #expect(try (["a": 1, "b": 2] as JSON).decode([String: Int].self) == ["a": 1, "b": 2])
        #expect(try ([nil, 2] as JSON).decode([Int?].self) == [nil, 2])
    }

    @Test(
        "says where the wrong value is and what it should be",
        arguments: [
            (#"{"amount":1}"#, "tags", "is required"), (#"{"amount":"1","tags":{}}"#, "amount", "must be a number"),
            (#"{"amount":1,"tags":{"a":"x"}}"#, "tags.a", "must be an integer"), ("[]", "", "must be an object"),
            (#"{"amount":1,"tags":{"a":1.5}}"#, "tags.a", "must be an integer that fits Int"),
            (#"{"amount":null,"tags":{}}"#, "amount", "must be a number"),
        ])
    func errors(text: String, path: String, expectation: String) throws {
        let error = try #require(throws: DecodingError.self) { try JSON(parsing: text).decode(Inner.self) }
        #expect(error.path == path)
        #expect(error.expectation == expectation)
    }

    @Test("counts array elements in the path of an error")
    func errorInArray() throws {
        let error = try #require(throws: DecodingError.self) {
            try JSON(parsing: #"[{"amount":1,"tags":{}},{"amount":1}]"#).decode([Inner].self)
        }
        #expect(error.path == "[1].tags")
    }

    @Test("refuses integers that do not fit and numbers that are none")
    func bounds() {
        #expect(throws: DecodingError.self) { try (256 as JSON).decode(UInt8.self) }
        #expect(throws: DecodingError.self) { try (-1 as JSON).decode(UInt.self) }
        #expect(throws: EncodingError.self) { try JSON(encoding: Double.infinity) }
        #expect(throws: EncodingError.self) { try JSON(encoding: [Decimal.nan]) }
    }

    struct Nested: Encodable {
        enum Key: String, CodingKey { case list, object }
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(1)
            var element = list.nestedContainer(keyedBy: Key.self)
            try element.encode("x", forKey: .object)
            try list.encode(2)
            var object = container.nestedContainer(keyedBy: Key.self, forKey: .object)
            try object.encode(true, forKey: .list)
        }
    }

    @Test("writes nested containers in place")
    func nested() throws {
        #expect(try JSON(encoding: Nested()).text == #"{"list":[1,{"object":"x"},2],"object":{"list":true}}"#)
    }
}
