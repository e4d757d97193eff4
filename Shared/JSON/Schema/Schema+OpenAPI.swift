import FoundationEssentials

extension Schema {
    /// The schema in the words of JSON Schema 2020-12, as OpenAPI 3.1 uses them, written out whole.
    package var openAPI: JSON {
        var printer = SchemaPrinter(components: nil)
        return printer.print(self)
    }

    /// The same, with every named schema put among `components` and replaced by a reference.
    package func openAPI(components: inout [String: JSON]) -> JSON {
        var printer = SchemaPrinter(components: components)
        defer { components = printer.components ?? [:] }
        return printer.print(self)
    }
}

/// Writes schemas in the words of JSON Schema 2020-12.
private struct SchemaPrinter {
    /// The named schemas met so far; nil when names are not referred to.
    var components: [String: JSON]?

    mutating func print(_ schema: Schema) -> JSON {
        guard let name = schema.name, components != nil else { return definition(schema) }
        if components?[name] == nil {
            let written = definition(schema)
            components?[name] = written
        }
        return ["$ref": "#/components/schemas/\(name)"]
    }

    private mutating func definition(_ schema: Schema) -> JSON {
        var words = constraints(schema.kind)
        if let description = schema.description {
            words["description"] = .string(words["description"]?.string.map { "\(description) \($0)" } ?? description)
        }
        if let example = schema.declaredExample { words["examples"] = [example] }
        return .object(words)
    }

    private mutating func constraints(_ kind: Schema.Kind) -> JSONObject {
        switch kind {
        case .any: return [:]
        case .boolean: return ["type": "boolean"]
        case .string(let min, let max, let format):
            var words: JSONObject = ["type": "string"]
            if min > 0 { words["minLength"] = .number(min) }
            words["maxLength"] = max.map { .number($0) }
            words["pattern"] = format?.pattern.map(JSON.string)
            let formats = format?.names ?? []
            if formats.count == 1 { words["format"] = .string(formats[0]) }
            if formats.count > 1 { words["anyOf"] = .array(formats.map { ["format": .string($0)] }) }
            return words
        case .enumeration(let values): return ["type": "string", "enum": .array(values.map(JSON.string))]
        case .integer(let min, let max):
            var words: JSONObject = ["type": "integer"]
            words["minimum"] = min.map { .number($0) }
            words["maximum"] = max.map { .number($0) }
            return words
        case .decimal(let above, let atLeast, let atMost, let places):
            var words: JSONObject = ["type": "number"]
            words["exclusiveMinimum"] = above.map(JSON.decimal)
            words["minimum"] = atLeast.map(JSON.decimal)
            words["maximum"] = atMost.map(JSON.decimal)
            // Not as multipleOf, for which most validators divide in binary: 1.19 is no multiple of 0.01 to them.
            words["description"] = places.map { .string("At most \($0) decimal places.") }
            return words
        case .choice(let values): return ["type": "number", "enum": .array(values.map(JSON.decimal))]
        case .array(let element, let min, let max):
            var words: JSONObject = ["type": "array", "items": print(element)]
            if min > 0 { words["minItems"] = .number(min) }
            words["maxItems"] = max.map { .number($0) }
            return words
        case .object(let fields, let rules): return object(fields, rules)
        case .variants(let fields, let tag, let variants):
            return ["oneOf": .array(variants.map { .object(object($0, of: fields, tag)) })]
        case .map(let schema): return ["type": "object", "additionalProperties": print(schema)]
        case .alternatives(let schemas): return ["anyOf": .array(schemas.map { print($0) })]
        case .nullable(let schema): return Self.nullable(print(schema))
        }
    }

    private mutating func object(_ fields: [Field], _ rules: [Rule]) -> JSONObject {
        let properties = fields.map { field in
            var property = print(field.schema)
            if let value = field.defaultValue, case .object(var words) = property {
                words["default"] = value
                property = .object(words)
            }
            return (field.name, property)
        }
        var words: JSONObject = ["type": "object", "properties": .object(JSONObject(properties))]
        let required = fields.filter(\.isRequired).map { JSON.string($0.name) }
        if !required.isEmpty { words["required"] = .array(required) }
        if !rules.isEmpty { words["description"] = .string(rules.map { "\($0.name)." }.joined(separator: " ")) }
        for member in rules.flatMap(\.words.members) { words[member.name] = member.value }
        return words
    }

    private mutating func object(_ variant: Schema.Variant, of fields: [Field], _ tag: String) -> JSONObject {
        let fixed = fields.map { $0.name == tag ? Field.required(tag, .oneOf([variant.value])) : $0 }
        var words = object(fixed + variant.fields, [])
        words["title"] = .string(variant.value)
        return words
    }

    private static func nullable(_ definition: JSON) -> JSONObject {
        guard case .object(var words) = definition, let type = words["type"], words["enum"] == nil else {
            return ["anyOf": [definition, ["type": "null"]]]
        }
        words["type"] = [type, "null"]
        return words
    }
}
