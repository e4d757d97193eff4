import Testing

@testable import JSON

@Suite("Writing JSON text") struct WriterTests {
    @Test(
        "writes what it reads, byte for byte",
        arguments: [
            "null", "[true,false]", #"{"b":1,"a":[]}"#, "1.50", "-0", "1e400", "123456789012345678901234567890.0",
            #""\"\\\b\f\n\r\t\u0001\u001f""#, #""/ăîșț😀""#, "{}", "[[],{}]",
        ])
    func roundTrip(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test("keeps the order of members, replaces in place and removes")
    func memberOrder() {
        var object: JSONObject = ["z": 1, "a": 2]
        object["m"] = 3
        object["z"] = 4
        #expect(JSON.object(object).text == #"{"z":4,"a":2,"m":3}"#)
        object["a"] = nil
        #expect(JSON.object(object).text == #"{"z":4,"m":3}"#)
    }

    @Test("finds members of large objects after changes")
    func largeObject() {
        var object = JSONObject((0..<100).map { ("m\($0)", JSON.number($0)) })
        object["m5"] = nil
        object["m50"] = "x"
        object["new"] = true
        #expect(object["m5"] == nil && object["m50"] == "x" && object["m99"] == 99 && object["new"] == true)
        #expect(object.count == 100)
    }

    @Test("compares objects by their members, not by their order")
    func equality() {
        let left: JSON = ["a": 1, "b": [2]]
        let right: JSON = ["b": [2], "a": 1]
        #expect(left == right && left.hashValue == right.hashValue)
        #expect(left != ["a": 1, "b": [3]])
        #expect(left != ["a": 1])
    }
}
