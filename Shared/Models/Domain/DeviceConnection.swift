import JSON

/// The language that a register speaks.
package enum DeviceProtocol: String, Codable, Sendable, CaseIterable {
    /// Datecs, the compact command set.
    case datecsCompact = "datecs_compact"
    /// Datecs, the professional command set.
    case datecsProfessional = "datecs_professional"
    /// Datecs, the extended command set.
    case datecsExtended = "datecs_extended"
    /// Daisy.
    case daisy
    /// Daisy, the Romanian models.
    case daisyRo = "daisy_ro"
    /// Eltrade.
    case eltrade
    /// Incotex.
    case incotex
    /// Tremol.
    case tremol
    /// Tremol, the second generation.
    case tremolV2 = "tremol_v2"
    /// Custom (the manufacturer).
    case custom
    /// Fiscal memory and electronic journal.
    case mfje
}

/// The wire between the app and the register.
package enum DeviceTransport: String, Codable, Sendable, CaseIterable {
    /// A host and a port.
    case tcp
    /// A radio address.
    case bluetooth
    /// The name of a serial line.
    case serial
    /// The path of a USB device.
    case usb
}

/// How the app reaches the register: host and port for ``DeviceTransport/tcp``, an address for the others.
package struct ConnectionParams: Codable, Sendable, Hashable {
    /// The register's host name or IP address.
    package let host: String?
    /// The register's TCP port.
    package let port: Int?
    /// The register's radio address, serial line or USB path.
    package let address: String?

    /// What the JSON looks like.
    package static let schema = Schema.alternatives([
        .object([.required("host", .string(1...255)), .required("port", .integer(1...65535))]),
        .object([.required("address", .string(1...255))]),
    ]).named("ConnectionParams")

    /// The rule of an object with `transport` and `connectionParams`: the one must suit the other.
    package static let suitTransport = Rule("tcp takes a host and a port, every other transport an address") { object in
        let wanted = object["transport"]?.string == DeviceTransport.tcp.rawValue ? ["host", "port"] : ["address"]
        return wanted.filter { object["connectionParams"]?[$0] == nil }.map {
            Rule.Breach("connectionParams.\($0)", "\($0) is required for this transport")
        }
    }
}
