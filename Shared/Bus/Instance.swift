import JSON
import Models

/// A running replica of a service, as it announces itself.
package struct Instance: Sendable, Equatable {
    /// The service that it is a replica of.
    package let service: ServiceName
    /// The replica's own name, new with every start.
    package let id: String
    /// Where other processes reach it besides the bus (the gateway's internal port), `host:port`.
    package var address: String?
    /// How many requests it was executing when it said so.
    package var load: Int

    var key: String { "instance:\(service.rawValue):\(id)" }
    var requestChannel: String { "rpc.\(service.rawValue).\(id)" }
    var inbox: String { "inbox.\(id)" }
}

extension Instance {
    private static let longestId = 128

    func json(leaving: Bool = false) -> [UInt8] {
        var object: JSONObject = ["service": .string(service.rawValue), "id": .string(id), "load": .number(load)]
        if let address { object["address"] = .string(address) }
        if leaving { object["leaving"] = true }
        return JSON.object(object).serialized()
    }

    /// The announcement in these bytes; nil when it is none.
    static func announcement(_ bytes: [UInt8]) -> (instance: Instance, isLeaving: Bool)? {
        guard let json = try? JSON(parsing: bytes, depthLimit: 4),
            let service = json["service"]?.string.flatMap(ServiceName.init),
            let id = json["id"]?.string, id.utf8.count <= longestId
        else { return nil }
        // What somebody else has written there must not overflow a sum.
        let load = Int(min(max(json["load"]?.integer ?? 0, 0), 1 << 20))
        let instance = Instance(service: service, id: id, address: json["address"]?.string, load: load)
        return (instance, json["leaving"]?.bool ?? false)
    }
}
