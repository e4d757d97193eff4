import FoundationEssentials

extension Schema {
    /// The most violations that are reported for one value: what a hostile body can make us answer has a bound.
    package static let violationLimit = 1000

    /// All wrong fields of a value, in the order of the schema's fields; empty when the value is right.
    /// - Parameter path: what the value is called, such as `body`.
    package func violations(of value: JSON, at path: String) -> [Violation] {
        var check = Validation()
        check.check(value, self, .root(path))
        return check.violations
    }
}

/// One walk over a value and its schema.
struct Validation {
    private(set) var violations: [Violation] = []

    mutating func check(_ value: JSON, _ schema: Schema, _ path: SchemaPath) {
        guard violations.count < Schema.violationLimit else { return }
        switch schema.kind {
        case .any: break
        case .nullable(let schema): if !value.isNull { check(value, schema, path) }
        case .boolean: if value.bool == nil { report(path, "must be a boolean") }
        case .string(let min, let max, let format): checkString(value, min, max, format, path)
        case .enumeration(let values):
            guard let string = value.string, values.contains(string) else {
                return report(path, "must be one of: \(values.joined(separator: ", "))")
            }
        case .integer(let min, let max): checkInteger(value, min, max, path)
        case .decimal(let above, let atLeast, let atMost, let places):
            guard let decimal = value.number?.decimal else { return report(path, "must be a number") }
            checkDecimal(decimal, above, atLeast, atMost, path)
            if let places, decimal.exponent < -places { report(path, "must have at most \(places) decimal places") }
        case .choice(let values):
            guard let decimal = value.number?.decimal, values.contains(decimal) else {
                return report(path, "must be one of: \(values.map(\.description).joined(separator: ", "))")
            }
        case .array(let element, let min, let max): checkArray(value, element, min, max, path)
        case .object(let fields, let rules): checkObject(value, fields, rules, path)
        case .variants(let fields, let tag, let variants):
            checkObject(value, fields, [], path)
            guard let chosen = value[tag]?.string else { return }
            if let variant = variants.first(where: { $0.value == chosen }) {
                checkObject(value, variant.fields, [], path)
            }
        case .map(let schema):
            guard let object = value.object else { return report(path, "must be an object") }
            for member in object.members { check(member.value, schema, .member(path, member.name)) }
        case .alternatives(let schemas): checkAlternatives(value, schemas, path)
        }
    }

    private mutating func report(_ path: SchemaPath, _ expectation: String) {
        guard violations.count < Schema.violationLimit else { return }
        violations.append(Violation(path: path.text, message: "\(path.noun) \(expectation)"))
    }

    private mutating func checkString(
        _ value: JSON, _ min: Int, _ max: Int?, _ format: StringFormat?, _ path: SchemaPath
    ) {
        guard let string = value.string else { return report(path, "must be a string") }
        let length = string.unicodeScalars.count
        if length < min || length > max ?? .max { return report(path, Self.lengthExpectation(min, max)) }
        if let format, !format.accepts(string) { report(path, "must be \(format.expectation)") }
    }

    private static func lengthExpectation(_ min: Int, _ max: Int?) -> String {
        switch max {
        case nil: "must be at least \(min) character\(min == 1 ? "" : "s")"
        case .some(let max) where min == 0: "must be at most \(max) characters"
        case .some(let max): "must be \(min) to \(max) characters"
        }
    }

    private mutating func checkInteger(_ value: JSON, _ min: Int64?, _ max: Int64?, _ path: SchemaPath) {
        guard let integer = value.integer else { return report(path, "must be an integer") }
        guard integer < min ?? .min || integer > max ?? .max else { return }
        switch (min, max) {
        case (.some(let min), .some(let max)): report(path, "must be between \(min) and \(max)")
        case (.some(let min), nil): report(path, "must be at least \(min)")
        default: report(path, "must be at most \(max ?? .max)")
        }
    }

    private mutating func checkDecimal(
        _ value: Decimal, _ above: Decimal?, _ atLeast: Decimal?, _ atMost: Decimal?, _ path: SchemaPath
    ) {
        if let above, value <= above { report(path, "must be greater than \(above)") }
        if let atLeast, value < atLeast { report(path, "must be at least \(atLeast)") }
        if let atMost, value > atMost { report(path, "must be at most \(atMost)") }
    }

    private mutating func checkArray(_ value: JSON, _ element: Schema, _ min: Int, _ max: Int?, _ path: SchemaPath) {
        guard let elements = value.array else { return report(path, "must be an array") }
        if elements.count < min { report(path, "must have at least \(min) \(min == 1 ? "entry" : "entries")") }
        if let max, elements.count > max { return report(path, "must have at most \(max) entries") }
        for (index, value) in elements.enumerated() { check(value, element, .element(path, index)) }
    }

    private mutating func checkObject(_ value: JSON, _ fields: [Field], _ rules: [Rule], _ path: SchemaPath) {
        guard let object = value.object else { return report(path, "must be an object") }
        var wrong: Set<String> = []
        for field in fields {
            let before = violations.count
            if let value = object[field.name] {
                check(value, field.schema, .member(path, field.name))
            } else if field.isRequired {
                report(.member(path, field.name), "is required")
            }
            if violations.count > before { wrong.insert(field.name) }
        }
        for rule in rules where rule.fields.map(wrong.isDisjoint) ?? wrong.isEmpty {
            for breach in rule.breaches(object) {
                let separator = breach.path.isEmpty ? "" : "."
                violations.append(Violation(path: path.text + separator + breach.path, message: breach.message))
            }
        }
    }

    private mutating func checkAlternatives(_ value: JSON, _ schemas: [Schema], _ path: SchemaPath) {
        let shapes = schemas.filter { $0.fields != nil }
        guard shapes.count == schemas.count else { return checkEach(value, schemas, path) }
        guard let object = value.object else { return report(path, "must be an object") }
        if shapes.contains(where: { $0.violations(of: value, at: "").isEmpty }) { return }
        let present = shapes.map { shape in (shape.fields ?? []).count { object[$0.name] != nil } }
        guard let most = present.max(), most > 0, let chosen = present.firstIndex(of: most) else {
            let names = shapes.map { ($0.fields ?? []).map(\.name).joined(separator: " and ") }
            return report(path, "must have \(names.joined(separator: ", or "))")
        }
        check(value, shapes[chosen], path)
    }

    private mutating func checkEach(_ value: JSON, _ schemas: [Schema], _ path: SchemaPath) {
        var first: [Violation]?
        for schema in schemas {
            var attempt = Validation()
            attempt.check(value, schema, path)
            if attempt.violations.isEmpty { return }
            if first == nil { first = attempt.violations }
        }
        violations += first ?? []
    }
}
