import JSON

/// Writes the header line of a message straight into the buffer that is sent: every request and reply passes here.
struct HeaderWriter {
    private var bytes: [UInt8] = []

    init(id: String, bodySize: Int) {
        bytes.reserveCapacity(512 + bodySize)
        bytes.append(UInt8(ascii: "{"))
        key("v")
        append(Int64(Message.version))
        member("id", id)
    }

    mutating func member(_ name: StaticString, _ value: String) {
        next(name)
        value.appendJSON(to: &bytes)
    }

    mutating func member(_ name: StaticString, _ value: Int64) {
        next(name)
        append(value)
    }

    mutating func member(_ name: StaticString, _ value: JSON) {
        next(name)
        value.append(to: &bytes)
    }

    /// A member whose value is an object; left out when that is empty.
    mutating func member(_ name: StaticString, _ values: [String: String]) {
        guard !values.isEmpty else { return }
        next(name)
        var separator = UInt8(ascii: "{")
        for (name, value) in values {
            bytes.append(separator)
            separator = UInt8(ascii: ",")
            name.appendJSON(to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            value.appendJSON(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    /// The whole message.
    consuming func finished(with body: [UInt8]) -> [UInt8] {
        bytes.append(UInt8(ascii: "}"))
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: body)
        return bytes
    }

    private mutating func next(_ name: StaticString) {
        bytes.append(UInt8(ascii: ","))
        key(name)
    }

    private mutating func key(_ name: StaticString) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
    }

    private mutating func append(_ number: Int64) {
        var text = String(number)
        text.withUTF8 { bytes.append(contentsOf: $0) }
    }
}
