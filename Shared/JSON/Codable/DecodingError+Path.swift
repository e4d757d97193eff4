extension DecodingError {
    /// The way to the value that could not be decoded, such as `items[0].price`; empty for the value itself.
    package var path: String {
        let keys =
            switch self {
            case .keyNotFound(let key, let context): context.codingPath + [key]
            case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
                context.codingPath
            @unknown default: [any CodingKey]()
            }
        return keys.reduce(into: "") { text, key in
            if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }

    /// How a sentence about that value ends, such as `must be a string`.
    package var expectation: String {
        switch self {
        case .keyNotFound: "is required"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            context.debugDescription
        @unknown default: "is not valid"
        }
    }
}
