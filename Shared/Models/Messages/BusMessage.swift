import JSON

/// What services say to each other: a type that carries its own subject, version and golden example.
///
/// The wire form is JSON. A change that an older reader could not decode takes a new version and a new type.
package protocol BusMessage: Codable, Sendable {
    /// The wire name, for example `gateway.deliver`; written once, never derived from the type's name.
    static var subject: String { get }
    /// The version of the wire form, starting with 1.
    static var version: Int { get }
    /// A complete value; its JSON under `Tests/ModelsTests/Golden` must keep decoding.
    static var example: Self { get }
}

extension BusMessage {
    /// The first version, unless a message says otherwise.
    package static var version: Int { 1 }
}

/// A message that one instance of a service answers.
package protocol BusRequestMessage: BusMessage {
    /// What the answer carries.
    associatedtype Reply: Codable & Sendable
    /// The service whose instances handle it.
    static var service: ServiceName { get }
}

/// A message to everybody who listens; it may get lost, so that whoever acts on it also sweeps the database.
package protocol BusHint: BusMessage {}

/// The answer of a request that has nothing to tell but that it was carried out.
package struct Done: Codable, Sendable, Equatable {
    /// The one value.
    package init() {}
}
