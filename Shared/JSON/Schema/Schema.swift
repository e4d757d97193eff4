import FoundationEssentials

/// What a JSON value must look like: one declaration for validation, for the coercion of query strings and for OpenAPI.
package struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case any
        case string(min: Int, max: Int?, format: StringFormat?)
        case enumeration([String])
        case integer(min: Int64?, max: Int64?)
        case decimal(above: Decimal?, atLeast: Decimal?, atMost: Decimal?, places: Int?)
        case choice([Decimal])
        case boolean
        case array(Schema, min: Int, max: Int?)
        case object([Field], [Rule])
        case variants([Field], tag: String, [Variant])
        case map(Schema)
        case alternatives([Schema])
        case nullable(Schema)
    }

    let kind: Kind
    /// The name under which OpenAPI lists the schema among its components; nil writes it out where it is used.
    package private(set) var name: String?
    /// What the value means, for the OpenAPI document.
    package private(set) var description: String?
    /// The valid value that was declared; ``example`` is the one to show.
    private(set) var declaredExample: JSON?

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// The same schema under a name that OpenAPI refers to; two different schemas must not share one.
    package func named(_ name: String) -> Schema {
        var schema = self
        schema.name = name
        return schema
    }

    /// The same schema with a sentence on what the value means.
    package func described(_ description: String, example: JSON? = nil) -> Schema {
        var schema = self
        schema.description = description
        schema.declaredExample = example ?? declaredExample
        return schema
    }

    /// The same schema with a valid value to show; one that is not valid misleads readers, and a test refuses it.
    package func illustrated(by example: JSON) -> Schema {
        var schema = self
        schema.declaredExample = example
        return schema
    }

    /// The fields that every such object has, when this describes one.
    package var fields: [Field]? {
        switch kind {
        case .object(let fields, _), .variants(let fields, _, _): fields
        default: nil
        }
    }
}

extension Schema {
    /// What an object has besides, when its tag has one value.
    package struct Variant: Sendable {
        let value: String
        let fields: [Field]

        /// The further fields of objects with this value of the tag.
        package init(_ value: String, _ fields: [Field]) {
            self.value = value
            self.fields = fields
        }
    }
}

extension Schema {
    /// Any JSON value.
    package static let any = Schema(.any)

    /// `true` or `false`.
    package static let boolean = Schema(.boolean)

    /// An object whose members are not looked at.
    package static let freeFormObject = Schema(.map(.any))

    /// A string of any length.
    package static let string = Schema.string()

    /// A string of at least `min` and at most `max` Unicode scalars.
    package static func string(min: Int = 0, max: Int? = nil, format: StringFormat? = nil) -> Schema {
        Schema(.string(min: min, max: max, format: format))
    }

    /// A string whose length in Unicode scalars lies in the range.
    package static func string(_ length: ClosedRange<Int>, format: StringFormat? = nil) -> Schema {
        .string(min: length.lowerBound, max: length.upperBound, format: format)
    }

    /// A string of a format; the format bounds its length.
    package static func string(_ format: StringFormat) -> Schema { .string(format: format) }

    /// A date-time with offset or, read as UTC, without; a bare date is its midnight.
    package static let dateTime = Schema.string(.dateTime)

    /// One of these strings, in the order in which a message lists them.
    package static func oneOf(_ values: [String]) -> Schema { Schema(.enumeration(values)) }

    /// One of the type's raw values.
    package static func oneOf<Value: CaseIterable & RawRepresentable>(
        _ type: Value.Type
    ) -> Schema where Value.RawValue == String {
        .oneOf(Value.allCases.map(\.rawValue))
    }

    /// One of these numbers, however written (`9` and `9.0` are the same).
    package static func oneOf(_ values: [Decimal]) -> Schema { Schema(.choice(values)) }

    /// An integral number between the bounds, which belong to it.
    package static func integer(min: Int64? = nil, max: Int64? = nil) -> Schema { Schema(.integer(min: min, max: max)) }

    /// An integral number in the range.
    package static func integer(_ range: ClosedRange<Int64>) -> Schema {
        .integer(min: range.lowerBound, max: range.upperBound)
    }

    /// A decimal number, exact to 38 digits; `places` limits the digits after the point that are not zero.
    package static func decimal(
        above: Decimal? = nil, atLeast: Decimal? = nil, atMost: Decimal? = nil, places: Int? = nil
    ) -> Schema {
        Schema(.decimal(above: above, atLeast: atLeast, atMost: atMost, places: places))
    }

    /// An array of `min` to `max` elements of one kind.
    package static func array(of element: Schema, min: Int = 0, max: Int? = nil) -> Schema {
        Schema(.array(element, min: min, max: max))
    }

    /// An object with these fields and rules; members without a field are ignored.
    package static func object(_ fields: [Field], rules: [Rule] = []) -> Schema { Schema(.object(fields, rules)) }

    /// An object whose further fields depend on the value of one of its own, such as a payload on the type.
    ///
    /// - Parameter tag: the name of that field, which must be among `fields`, be required, and permit the variants'
    ///   values and no others.
    package static func object(_ fields: [Field], by tag: String, _ variants: [Variant]) -> Schema {
        Schema(.variants(fields, tag: tag, variants))
    }

    /// An object whose member names are data, with values of one kind.
    package static func map(of value: Schema) -> Schema { Schema(.map(value)) }

    /// A value that fits one of several schemas, of which the first is the one that messages speak of; among objects it
    /// is the one whose fields the value has most of.
    package static func alternatives(_ schemas: [Schema]) -> Schema { Schema(.alternatives(schemas)) }

    /// An object with at least one member.
    package static let nonEmptyObject = Schema.object(
        [],
        rules: [
            Rule("at least one member is required", words: ["minProperties": 1]) {
                $0.isEmpty ? [.init("", "must not be empty")] : []
            }
        ])

    /// The same, or `null`.
    package var orNull: Schema { Schema(.nullable(self)) }
}
