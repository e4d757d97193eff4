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

    private static let network = Schema.object([
        .required("host", .string(1...255)), .required("port", .integer(1...65535)),
    ])
    private static let local = Schema.object([.required("address", .string(1...255))])

    /// What the JSON looks like.
    package static let schema = Schema.alternatives([network, local]).named("ConnectionParams")
        .illustrated(by: ["host": "192.168.1.50", "port": 9100])

    /// What is wrong with parameters of a device with this transport.
    package static func violations(
        of parameters: JSON, for transport: DeviceTransport, at path: String
    ) -> [Violation] {
        (transport == .tcp ? network : local).violations(of: parameters, at: path)
    }

    /// The rule of an object with `transport` and `connectionParams`: the one must suit the other.
    package static let suitTransport = Rule(
        "tcp takes a host and a port, every other transport an address",
        words: [
            "if": ["properties": ["transport": ["const": "tcp"]]],
            "then": ["properties": ["connectionParams": network.openAPI]],
            "else": ["properties": ["connectionParams": local.openAPI]],
        ], reading: ["transport", "connectionParams"]
    ) { object in
        guard let transport = object["transport"]?.string.flatMap(DeviceTransport.init),
            let parameters = object["connectionParams"]
        else { return [] }
        return violations(of: parameters, for: transport, at: "connectionParams").map {
            Rule.Breach($0.path, $0.message)
        }
    }

    /// What a device with this transport uses of them, the rest being dropped like any unknown field; nil when they do
    /// not suit it.
    package func used(by transport: DeviceTransport) -> JSON? {
        var object = JSONObject()
        if transport == .tcp {
            object["host"] = host.map(JSON.string)
            object["port"] = port.map(JSON.number)
        } else {
            object["address"] = address.map(JSON.string)
        }
        let used = JSON.object(object)
        guard Self.violations(of: used, for: transport, at: "").isEmpty else { return nil }
        return used
    }
}
