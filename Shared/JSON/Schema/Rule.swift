/// A condition on an object that no single field can state.
///
/// Asked only when the fields that it reads are right, so it may rely on their kinds.
package struct Rule: Sendable {
    /// A broken rule: where, counted from the object (empty for the object itself), and the sentence to show.
    package struct Breach: Sendable, Hashable {
        /// The way from the object, such as `payments` or `items[0].price`.
        package let path: String
        /// A sentence for the sender.
        package let message: String

        /// A breach at a path below the object.
        package init(_ path: String, _ message: String) {
            self.path = path
            self.message = message
        }
    }

    /// The rule in words, for the OpenAPI document.
    package let name: String
    /// What of the rule JSON Schema can say, for the OpenAPI document; two rules of one object must not use one keyword.
    let words: JSONObject
    /// The fields that it reads; nil for all of them.
    package let fields: [String]?
    /// What is wrong with an object; empty when the rule holds.
    package let breaches: @Sendable (JSONObject) -> [Breach]

    /// A rule that a function decides, asked when none of these fields (nil: no field at all) is wrong.
    package init(
        _ name: String, words: JSONObject = [:], reading fields: [String]? = nil,
        breaches: @escaping @Sendable (JSONObject) -> [Breach]
    ) {
        self.name = name
        self.words = words
        self.fields = fields
        self.breaches = breaches
    }

    /// At least one of the optional fields must be there.
    package static func atLeastOne(of names: [String]) -> Rule {
        let sentence = "at least one of \(names.joined(separator: ", ")) is required"
        let alternatives = names.map { JSON.object(["required": [.string($0)]]) }
        return Rule(sentence, words: ["anyOf": .array(alternatives)]) { object in
            names.contains { object[$0] != nil } ? [] : [Breach("", sentence)]
        }
    }
}
