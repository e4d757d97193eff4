import JSON

/// A fiscal device as the API shows it.
package struct Device: Codable, Sendable, Hashable {
    /// The id, `dev_…`.
    package let id: DeviceID
    /// What people call it.
    package let name: String
    /// The language that the app speaks to the register.
    package let `protocol`: DeviceProtocol
    /// The wire between the app and the register.
    package let transport: DeviceTransport
    /// Where it stands.
    package let locationId: LocationID
    /// How the app reaches the register.
    package let connectionParams: ConnectionParams
    /// Whose it is.
    package let orgId: OrgID
    /// Its state when the answer was made.
    package let status: DeviceStatus
    /// The app instance that drives it; nil when none has claimed it.
    package let controllerId: String?
    /// That instance's label.
    package let controllerName: String?
    /// When it was registered.
    package let createdAt: Timestamp
    /// When it was last changed; its state does not count.
    package let updatedAt: Timestamp

    /// All members.
    package init(
        id: DeviceID, name: String, protocol: DeviceProtocol, transport: DeviceTransport, locationId: LocationID,
        connectionParams: ConnectionParams, orgId: OrgID, status: DeviceStatus, controllerId: String?,
        controllerName: String?, createdAt: Timestamp, updatedAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.protocol = `protocol`
        self.transport = transport
        self.locationId = locationId
        self.connectionParams = connectionParams
        self.orgId = orgId
        self.status = status
        self.controllerId = controllerId
        self.controllerName = controllerName
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    /// Writes every member, `null` where there is no controller.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(`protocol`, forKey: .protocol)
        try container.encode(transport, forKey: .transport)
        try container.encode(locationId, forKey: .locationId)
        try container.encode(connectionParams, forKey: .connectionParams)
        try container.encode(orgId, forKey: .orgId)
        try container.encode(status, forKey: .status)
        try container.encode(controllerId, forKey: .controllerId)
        try container.encode(controllerName, forKey: .controllerName)
        try container.encode(createdAt, forKey: .createdAt)
        try container.encode(updatedAt, forKey: .updatedAt)
    }

    /// What the JSON looks like.
    package static let schema = Schema.object([
        .required("id", DeviceID.schema), .required("name", .string),
        .required("protocol", .oneOf(DeviceProtocol.self)),
        .required("transport", .oneOf(DeviceTransport.self)), .required("locationId", LocationID.schema),
        .required("connectionParams", ConnectionParams.schema), .required("orgId", OrgID.schema),
        .required("status", .oneOf(DeviceStatus.self)), .required("controllerId", .string.orNull),
        .required("controllerName", .string.orNull), .required("createdAt", Timestamp.schema),
        .required("updatedAt", Timestamp.schema),
    ]).named("Device").illustrated(by: [
        "id": "dev_pos_01", "name": "Tejghea POS 1", "protocol": "datecs_compact", "transport": "tcp",
        "locationId": "loc_main", "connectionParams": ["host": "192.168.1.50", "port": 9100], "orgId": "acme_corp",
        "status": "online", "controllerId": "instance_a", "controllerName": "Counter A",
        "createdAt": "2026-04-09T08:10:00.000Z", "updatedAt": "2026-04-09T08:10:00.000Z",
    ])
}
