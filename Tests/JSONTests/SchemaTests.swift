import Testing

@testable import JSON

@Suite("A schema") struct SchemaTests {
    static let schema = Schema.object(
        [
            .required("name", .string(1...5)), .optional("port", .integer(1...65535)),
            .optional("kind", .oneOf(["a", "b"])), .optional("rate", .oneOf([0, 9])),
            .optional("price", .decimal(atLeast: 0, atMost: 10, places: 2)), .optional("size", .decimal(above: 0)),
            .optional("on", .boolean), .optional("tags", .array(of: .string(max: 2), min: 1, max: 3)),
            .optional("note", Schema.string.orNull), .optional("free", .freeFormObject),
            .optional(
                "to",
                .alternatives([
                    .object([.required("host", .string(min: 1)), .required("port", .integer(1...9))]),
                    .object([.required("address", .string)]),
                ])),
            .optional("either", .alternatives([.string, .integer(min: 1)])),
        ])

    @Test(
        "accepts what fits",
        arguments: [
            #"{"name":"a"}"#, #"{"name":"ăîșțâ","unknown":[1]}"#, #"{"name":"a","port":65535,"kind":"b","rate":9.0}"#,
            #"{"name":"a","price":10.00,"size":0.001,"on":false,"tags":["ab"],"note":null,"free":{"x":1}}"#,
            #"{"name":"a","to":{"host":"h","port":9}}"#, #"{"name":"a","to":{"address":""},"either":1}"#,
            #"{"name":"a","port":1e2,"price":1.500,"either":"x"}"#,
            #"{"name":"a","to":{"host":"","port":0,"address":"x"}}"#,
        ])
    func fits(text: String) throws {
        #expect(Self.schema.violations(of: try JSON(parsing: text), at: "body") == [])
    }

    @Test(
        "names every wrong field, where it is and what it should be",
        arguments: [
            ("{}", ["body.name: name is required"]), ("[]", ["body: body must be an object"]),
            (#"{"name":null}"#, ["body.name: name must be a string"]),
            (#"{"name":""}"#, ["body.name: name must be 1 to 5 characters"]),
            (#"{"name":"abcdef"}"#, ["body.name: name must be 1 to 5 characters"]),
            (
                #"{"name":1,"port":0,"kind":"c","rate":5,"on":"true"}"#,
                [
                    "body.name: name must be a string", "body.port: port must be between 1 and 65535",
                    "body.kind: kind must be one of: a, b", "body.rate: rate must be one of: 0, 9",
                    "body.on: on must be a boolean",
                ]
            ),
            (#"{"name":"a","port":1.5}"#, ["body.port: port must be an integer"]),
            (#"{"name":"a","port":"1"}"#, ["body.port: port must be an integer"]),
            (#"{"name":"a","price":-1}"#, ["body.price: price must be at least 0"]),
            (#"{"name":"a","price":10.01}"#, ["body.price: price must be at most 10"]),
            (#"{"name":"a","price":0.001}"#, ["body.price: price must have at most 2 decimal places"]),
            (#"{"name":"a","size":0}"#, ["body.size: size must be greater than 0"]),
            (#"{"name":"a","size":1e999}"#, ["body.size: size must be a number"]),
            (#"{"name":"a","tags":[]}"#, ["body.tags: tags must have at least 1 entry"]),
            (#"{"name":"a","tags":["a","b","c","d"]}"#, ["body.tags: tags must have at most 3 entries"]),
            (
                #"{"name":"a","tags":["abc",1]}"#,
                ["body.tags[0]: tags[0] must be at most 2 characters", "body.tags[1]: tags[1] must be a string"]
            ),
            (#"{"name":"a","free":[]}"#, ["body.free: free must be an object"]),
            (#"{"name":"a","to":{}}"#, ["body.to: to must have host and port, or address"]),
            (#"{"name":"a","to":{"host":"h"}}"#, ["body.to.port: port is required"]),
            (
                #"{"name":"a","to":{"port":0,"host":""}}"#,
                [
                    "body.to.host: host must be at least 1 character", "body.to.port: port must be between 1 and 9",
                ]
            ),
            (#"{"name":"a","to":"x"}"#, ["body.to: to must be an object"]),
            (#"{"name":"a","either":true}"#, ["body.either: either must be a string"]),
        ])
    func violations(text: String, expected: [String]) throws {
        #expect(Self.schema.violations(of: try JSON(parsing: text), at: "body").map(\.description) == expected)
    }

    @Test("asks its rules only when the fields that they read are right")
    func rules() throws {
        let schema = Schema.object(
            [.optional("a", .integer()), .optional("b", .integer())],
            rules: [
                .atLeastOne(of: ["a", "b"]),
                Rule("a is even", reading: ["a"]) { object in
                    object["a"]?.integer.map { $0 % 2 != 0 } == true ? [.init("a", "a must be even")] : []
                },
            ])
        let messages = { (value: JSON) in schema.violations(of: value, at: "body").map(\.description) }
        #expect(messages([:]) == ["body: at least one of a, b is required"])
        #expect(messages(["a": 3]) == ["body.a: a must be even"])
        #expect(messages(["a": 3, "b": "x"]) == ["body.b: b must be an integer", "body.a: a must be even"])
        #expect(messages(["a": "x"]) == ["body.a: a must be an integer"])
    }

    @Test("reports at most a thousand violations")
    func limit() {
        let schema = Schema.array(of: .object(["a", "b", "c"].map { .required($0, .string) }))
        let value = JSON.array(Array(repeating: [:], count: 5000))
        #expect(schema.violations(of: value, at: "body").count == Schema.violationLimit)
    }

    @Test("reads query strings as the kinds that it wants, with defaults")
    func query() throws {
        let fields: [Field] = [
            .optional("limit", .integer(1...100), default: 50), .optional("status", .oneOf(["on", "off"])),
            .optional("from", .dateTime), .optional("all", .boolean), .optional("ids", .array(of: .string(min: 1))),
        ]
        #expect(fields.object(fromQuery: ["status": "on", "x": "y"]) == ["limit": 50, "status": "on"])
        #expect(
            fields.object(fromQuery: ["limit": "7", "all": "true", "ids": "a,b"]) == [
                "limit": 7, "all": true, "ids": ["a", "b"],
            ])
        let wrong = ["limit": "x", "status": "", "from": "yesterday", "all": "1", "ids": "a,"]
        #expect(
            fields.violations(ofQuery: wrong).map(\.description) == [
                "query.limit: limit must be an integer", "query.status: status must be one of: on, off",
                "query.from: from must be an ISO 8601 date or date-time", "query.all: all must be a boolean",
                "query.ids[1]: ids[1] must be at least 1 character",
            ])
        #expect(fields.violations(ofQuery: ["limit": "101"]).map(\.message) == ["limit must be between 1 and 100"])
    }

    @Test("prints itself in the words of JSON Schema")
    func openAPI() throws {
        let schema = Schema.object(
            [
                .required("name", .string(1...5).described("A name.", example: "x")),
                .optional("mail", .string(.email)),
                .optional("note", Schema.string.orNull), .optional("price", .decimal(above: 0, places: 2)),
            ], rules: [.atLeastOne(of: ["a"])]
        ).named("Thing")
        let properties = """
            {"name":{"type":"string","minLength":1,"maxLength":5,"description":"A name.","examples":["x"]},\
            "mail":{"type":"string","format":"email"},"note":{"type":["string","null"]},\
            "price":{"type":"number","exclusiveMinimum":0,"description":"At most 2 decimal places."}}
            """
        let text = """
            {"type":"object","properties":\(properties),"required":["name"],"description":"at least one of a is required.","anyOf":[{"required":["a"]}]}
            """
        #expect(schema.openAPI.text == text)
        var components: [String: JSON] = [:]
        let reference = Schema.array(of: schema).openAPI(components: &components)
        #expect(reference.text == ##"{"type":"array","items":{"$ref":"#/components/schemas/Thing"}}"##)
        #expect(components == ["Thing": schema.openAPI])
    }
}
