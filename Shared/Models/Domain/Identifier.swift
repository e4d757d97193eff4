import JSON

/// The id of one kind of thing: a string on the wire, a type of its own in code, so that a command's id cannot be
/// passed where a device's is wanted.
package struct Identifier<Kind: IdentifiedKind>: RawRepresentable, Hashable, Comparable, Sendable, Codable,
    ExpressibleByStringLiteral,
    CustomStringConvertible
{
    /// The text as it stands on the wire; not validated.
    package let rawValue: String

    /// An id from its text.
    package init(rawValue: String) { self.rawValue = rawValue }

    /// An id from its text.
    package init(_ text: String) { rawValue = text }

    /// An id from a literal.
    package init(stringLiteral value: String) { rawValue = value }

    /// Reads a JSON string.
    package init(from decoder: any Decoder) throws {
        rawValue = try decoder.singleValueContainer().decode(String.self)
    }

    /// Writes a JSON string.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }

    /// The text itself.
    package var description: String { rawValue }

    /// What a JSON value of such an id looks like.
    package static var schema: Schema {
        .string(1...128).described("The id of \(Kind.meaning).", example: .string(Kind.example))
    }

    /// Alphabetical order.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// A kind of thing that has ids of its own.
package protocol IdentifiedKind {
    /// The thing with its article, for the OpenAPI document.
    static var meaning: String { get }
    /// An id of such a thing.
    static var example: String { get }
}

/// What the parameters of ``Identifier`` stand for.
package enum IdentifierKind {
    /// A fiscal device.
    package enum Device: IdentifiedKind {
        /// In words.
        package static let meaning = "a device"
        /// One of the reference's.
        package static let example = "dev_pos_01"
    }
    /// An organization.
    package enum Organization: IdentifiedKind {
        /// In words.
        package static let meaning = "an organization"
        /// One of the reference's.
        package static let example = "acme_corp"
    }
    /// A location.
    package enum Location: IdentifiedKind {
        /// In words.
        package static let meaning = "a location"
        /// One of the reference's.
        package static let example = "loc_main"
    }
    /// A command.
    package enum Command: IdentifiedKind {
        /// In words.
        package static let meaning = "a command"
        /// One of the reference's.
        package static let example = "cmd_abc123"
    }
    /// A receipt.
    package enum Receipt: IdentifiedKind {
        /// In words.
        package static let meaning = "a receipt"
        /// One of the reference's.
        package static let example = "rcp_abc123"
    }
    /// An API key.
    package enum APIKey: IdentifiedKind {
        /// In words.
        package static let meaning = "an API key; not the key"
        /// One of the reference's.
        package static let example = "apikey_abc"
    }
    /// A user.
    package enum User: IdentifiedKind {
        /// In words.
        package static let meaning = "a user"
        /// One of the reference's.
        package static let example = "usr_abc123"
    }
    /// An event.
    package enum Event: IdentifiedKind {
        /// In words.
        package static let meaning = "an event"
        /// One of the reference's.
        package static let example = "evt_abc123"
    }
}

/// The id of a device, `dev_…`.
package typealias DeviceID = Identifier<IdentifierKind.Device>
/// The slug of an organization, for example `acme_corp`.
package typealias OrgID = Identifier<IdentifierKind.Organization>
/// The id of a location, `loc_…`.
package typealias LocationID = Identifier<IdentifierKind.Location>
/// The id of a command, `cmd_…`.
package typealias CommandID = Identifier<IdentifierKind.Command>
/// The id of a receipt, `rcp_…`.
package typealias ReceiptID = Identifier<IdentifierKind.Receipt>
/// The id of an API key, `apikey_…`; not the key.
package typealias APIKeyID = Identifier<IdentifierKind.APIKey>
/// The id of a user, `usr_…`.
package typealias UserID = Identifier<IdentifierKind.User>
/// The id of an event, `evt_…`.
package typealias EventID = Identifier<IdentifierKind.Event>
