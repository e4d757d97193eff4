import JSON
import Models

/// What only the database knows of the fields of a device's changes.
struct DeviceStanding {
    let transport: DeviceTransport
    /// Whether the location that the changes name, if they do, is one of the organization's.
    let isLocated: Bool

    /// What is wrong with a body beyond what its schema says of it.
    func violations(in body: JSON?) -> [Violation] {
        var violations: [Violation] = []
        if let parameters = body?["connectionParams"],
            ConnectionParams.schema.violations(of: parameters, at: "").isEmpty
        {
            violations += ConnectionParams.violations(of: parameters, for: transport, at: "body.connectionParams")
        }
        return isLocated ? violations : violations + [.unknownLocation]
    }
}

extension Violation {
    static let unknownLocation = Violation(
        path: "body.locationId", message: "locationId must be one of the organization's locations")
}
