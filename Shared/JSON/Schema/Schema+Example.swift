extension Schema {
    /// A valid value to show: the declared one, else one that is made of what the parts declare; nil where a part that
    /// must be there has none.
    package var example: JSON? {
        if let declaredExample { return declaredExample }
        switch kind {
        case .any, .string, .integer, .decimal, .map: return nil
        case .boolean: return true
        case .enumeration(let values): return values.first.map(JSON.string)
        case .choice(let values): return values.first.map(JSON.decimal)
        case .array(let element, _, _): return element.example.map { [$0] }
        case .object(let fields, _): return Self.example(of: fields)
        case .variants(let fields, let tag, let variants):
            guard let variant = variants.first else { return nil }
            let fixed = fields.map { $0.name == tag ? Field.required(tag, .oneOf([variant.value])) : $0 }
            return Self.example(of: fixed + variant.fields)
        case .alternatives(let schemas): return schemas.lazy.compactMap(\.example).first
        case .nullable(let schema): return schema.example ?? .null
        }
    }

    private static func example(of fields: [Field]) -> JSON? {
        var object = JSONObject()
        for field in fields {
            let value = field.schema.example
            if value == nil, field.isRequired { return nil }
            object[field.name] = value
        }
        return object.isEmpty ? nil : .object(object)
    }
}
