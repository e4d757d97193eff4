import JSON

/// The id of one kind of thing: a string on the wire, a type of its own in code, so that a command's id cannot be
/// passed where a device's is wanted.
package struct Identifier<Kind>: RawRepresentable, Hashable, Comparable, Sendable, Codable, ExpressibleByStringLiteral,
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
    package static var schema: Schema { .string(1...128) }

    /// Alphabetical order.
    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What the parameters of ``Identifier`` stand for.
package enum IdentifierKind {
    /// A fiscal device.
    package enum Device {}
    /// An organization.
    package enum Organization {}
    /// A location.
    package enum Location {}
    /// A command.
    package enum Command {}
    /// A receipt.
    package enum Receipt {}
    /// An API key.
    package enum APIKey {}
    /// A user.
    package enum User {}
    /// An event.
    package enum Event {}
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
