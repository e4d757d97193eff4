extension [Field] {
    /// The object that a query string stands for: text becomes the number or truth value that the field wants, absent
    /// parameters get their default, unknown ones are left out.
    ///
    /// Text that does not fit stays text, so that validation of the result names the parameter.
    package func object(fromQuery query: [String: String]) -> JSON {
        var object = JSONObject()
        for field in self {
            object[field.name] = query[field.name].map { field.schema.coerced($0) } ?? field.defaultValue
        }
        return .object(object)
    }

    /// All wrong parameters of a query string, with paths such as `query.limit`.
    package func violations(ofQuery query: [String: String]) -> [Violation] {
        Schema.object(self).violations(of: object(fromQuery: query), at: "query")
    }
}

extension Schema {
    fileprivate func coerced(_ text: String) -> JSON {
        switch kind {
        case .integer, .decimal, .choice: JSONNumber(lexeme: text).map(JSON.number) ?? .string(text)
        case .boolean: text == "true" ? true : text == "false" ? false : .string(text)
        case .nullable(let schema): schema.coerced(text)
        case .array(let element, _, _):
            .array(text.split(separator: ",", omittingEmptySubsequences: false).map { element.coerced(String($0)) })
        default: .string(text)
        }
    }
}
