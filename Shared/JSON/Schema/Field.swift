/// A named value of an object or of a query string.
package struct Field: Sendable {
    /// The member's or parameter's name.
    package let name: String
    /// What its value must look like.
    package let schema: Schema
    /// Whether it must be there.
    package let isRequired: Bool
    /// The value that an absent query parameter, or an absent member of a register's answer, has; members of a body get
    /// none.
    package let defaultValue: JSON?

    /// A field that must be there.
    package static func required(_ name: String, _ schema: Schema) -> Field {
        Field(name: name, schema: schema, isRequired: true, defaultValue: nil)
    }

    /// A field that may be left out; `null` is not the same as leaving it out unless the schema allows it.
    package static func optional(_ name: String, _ schema: Schema, default defaultValue: JSON? = nil) -> Field {
        Field(name: name, schema: schema, isRequired: false, defaultValue: defaultValue)
    }
}
