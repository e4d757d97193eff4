/// PostgreSQL's text form of one-dimensional arrays, `{a,"b \"c\""}`.
enum ArrayText {
    private static let quote = UInt8(ascii: "\""), escape = UInt8(ascii: "\\"), comma = UInt8(ascii: ",")
    private static let open = UInt8(ascii: "{"), close = UInt8(ascii: "}")

    /// The elements' bytes; nil for anything that is not a flat array without NULL.
    static func elements(of text: UnsafeBufferPointer<UInt8>) -> [[UInt8]]? {
        guard text.count >= 2, text[0] == open, text[text.count - 1] == close else { return nil }
        var elements: [[UInt8]] = []
        var index = 1
        let end = text.count - 1
        while index < end {
            var element: [UInt8] = []
            if text[index] == quote {
                index += 1
                while index < end, text[index] != quote {
                    if text[index] == escape { index += 1 }
                    element.append(text[index])
                    index += 1
                }
                guard index < end else { return nil }
                index += 1
            } else {
                while index < end, text[index] != comma {
                    guard text[index] != open else { return nil }
                    element.append(text[index])
                    index += 1
                }
                if element == Array("NULL".utf8) { return nil }
            }
            elements.append(element)
            guard index == end || text[index] == comma else { return nil }
            index += 1
        }
        return elements
    }
}
