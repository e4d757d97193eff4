/// Header fields in order, looked up without regard to case.
///
/// Fields of a received message point into the bytes it arrived in: a lookup compares in place and creates a string
/// only for what it returns.
package struct HTTPHeaders: Sendable {
    struct Field: Sendable {
        var nameStart: UInt32
        var nameEnd: UInt32
        var valueStart: UInt32
        var valueEnd: UInt32

        init(name: Range<Int>, value: Range<Int>) {
            nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
            nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
            valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
            valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
        }

        var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
        var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
    }

    private(set) var bytes: [UInt8]
    private(set) var fields: [Field]
    /// The bytes are nothing but the fields, written the way they go out.
    private var isWireFormat: Bool

    /// No fields.
    package init() {
        bytes = []
        fields = []
        isWireFormat = true
    }

    init(bytes: [UInt8], fields: [Field]) {
        self.bytes = bytes
        self.fields = fields
        isWireFormat = false
    }

    /// How many fields there are, repeated ones counted one by one.
    package var count: Int { fields.count }

    /// The value of the first field of that name; bytes that are not UTF-8 are replaced. Setting replaces every field
    /// of the name, nil removes them.
    package subscript(name: String) -> String? {
        get { firstIndex(of: name).map { text(fields[$0].value) } }
        set {
            if firstIndex(of: name) != nil { remove(name) }
            if let newValue { append(name, newValue) }
        }
    }

    /// The values of all fields of that name, in order.
    package func values(of name: String) -> [String] {
        var copy = name
        return copy.withUTF8 { name in fields.filter { matches($0, name) } }.map { text($0.value) }
    }

    /// True if the comma-separated list in the fields of that name has `token`, compared without case.
    package func contains(token: String, in name: String) -> Bool {
        values(of: name).contains { value in
            value.utf8.split(separator: UInt8(ascii: ",")).contains { element in
                Array(element).withUnsafeBufferPointer { $0.trimmed.map(\.lowercased) }
                    == token.utf8.map(\.lowercased)
            }
        }
    }

    /// Appends a field. Characters that would break out of the field (CR, LF, NUL and other controls) become spaces,
    /// in the name `_`: a value can never add a header or a body of its own.
    package mutating func append(_ name: String, _ value: String) {
        if !isWireFormat { normalize() }
        if fields.isEmpty {
            // Room for a usual response, instead of growing by halves.
            bytes.reserveCapacity(224)
            fields.reserveCapacity(6)
        }
        var (name, value) = (name, value)
        let start = bytes.count
        name.withUTF8 { appendClean($0, replacement: UInt8(ascii: "_")) { ByteClass.token.contains($0) } }
        let nameEnd = bytes.count
        bytes.append(UInt8(ascii: ":"))
        bytes.append(UInt8(ascii: " "))
        let valueStart = bytes.count
        value.withUTF8 { appendClean($0, replacement: 0x20) { $0.isFieldContent } }
        fields.append(Field(name: start..<nameEnd, value: valueStart..<bytes.count))
        bytes.append(0x0d)
        bytes.append(0x0a)
    }

    @inline(__always)
    private mutating func appendClean(_ text: ByteView, replacement: UInt8, _ isAllowed: (UInt8) -> Bool) {
        let start = bytes.count
        bytes.append(contentsOf: text)
        for (offset, byte) in text.enumerated() where !isAllowed(byte) { bytes[start + offset] = replacement }
    }

    /// Removes every field of that name.
    package mutating func remove(_ name: String) {
        var copy = name
        let kept = copy.withUTF8 { name in fields.filter { !matches($0, name) } }
        guard kept.count != fields.count else { return }
        fields = kept
        normalize()
    }

    /// All fields, in order.
    package var all: [(name: String, value: String)] { fields.map { (text($0.name), text($0.value)) } }

    /// Appends the fields as they go on the wire, each with its line end.
    func write(to output: inout [UInt8]) {
        if isWireFormat {
            output.append(contentsOf: bytes)
        } else {
            for field in fields {
                output.append(contentsOf: bytes[field.name])
                output.append(UInt8(ascii: ":"))
                output.append(UInt8(ascii: " "))
                output.append(contentsOf: bytes[field.value])
                output.append(0x0d)
                output.append(0x0a)
            }
        }
    }

    private mutating func normalize() {
        let old = self
        self = HTTPHeaders()
        for field in old.fields { append(old.text(field.name), old.text(field.value)) }
    }

    private func firstIndex(of name: String) -> Int? {
        var copy = name
        return copy.withUTF8 { name in fields.firstIndex { matches($0, name) } }
    }

    private func matches(_ field: Field, _ name: ByteView) -> Bool {
        guard Int(field.nameEnd - field.nameStart) == name.count else { return false }
        let start = Int(field.nameStart)
        for index in 0..<name.count where bytes[start + index].lowercased != name[index].lowercased { return false }
        return true
    }

    private func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension HTTPHeaders: ExpressibleByDictionaryLiteral {
    /// Fields from a literal, in its order.
    package init(dictionaryLiteral elements: (String, String)...) {
        self.init()
        for (name, value) in elements { append(name, value) }
    }
}
