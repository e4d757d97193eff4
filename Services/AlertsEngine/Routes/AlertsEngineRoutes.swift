import Endpoints
import JSON
import Models

/// The endpoints that AlertsEngine owns.
package enum AlertsEngineRoutes {
    package static let alerts = Endpoint<AlertFilter, OrganizationAlerts>(
        "devices.alerts", .alertsEngine, .get, "/api/v1/devices/alerts",
        summary: "What every device needs attention for, derived from its state at this moment",
        access: .scope(.devicesRead), query: AlertFilter.fields, success: .ok(OrganizationAlerts.schema))

    package static let deviceAlerts = Endpoint<AlertFilter, DeviceAlerts>(
        "devices.alerts.get", .alertsEngine, .get, "/api/v1/devices/{deviceId}/alerts",
        summary: "What one device needs attention for, derived from its state at this moment",
        access: .scope(.devicesRead), query: AlertFilter.fields, success: .ok(DeviceAlerts.schema),
        errors: [.noSuchDevice])

    package static let all: [Route] = [alerts.route, deviceAlerts.route]
}

/// Which alerts are wanted.
package struct AlertFilter: Decodable, Sendable {
    package let severity: AlertSeverity?

    static let fields: [Field] = [.optional("severity", .oneOf(AlertSeverity.self))]
}

/// The alerts of an organization, by device id.
package struct OrganizationAlerts: Codable, Sendable, Equatable {
    package let alerts: [String: [Alert]]

    package init(alerts: [String: [Alert]]) { self.alerts = alerts }

    /// In the order of the ids: replicas that know the same give the same answer.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(DevicesInOrder(alerts: alerts), forKey: .alerts)
    }

    private enum CodingKeys: String, CodingKey { case alerts }

    static let schema = Schema.object([.required("alerts", .map(of: .array(of: Alert.schema)))])
        .named("OrganizationAlerts").illustrated(by: ["alerts": ["dev_pos_01": [Alert.schema.example ?? [:]]]])
}

/// The alerts of one device.
package struct DeviceAlerts: Codable, Sendable, Equatable {
    package let alerts: [Alert]

    package init(alerts: [Alert]) { self.alerts = alerts }

    static let schema = Schema.object([.required("alerts", .array(of: Alert.schema))]).named("DeviceAlerts")
}

private struct DevicesInOrder: Encodable {
    let alerts: [String: [Alert]]

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        for (device, alerts) in alerts.sorted(by: { $0.key < $1.key }) {
            try container.encode(alerts, forKey: Key(stringValue: device))
        }
    }

    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }

        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }
}
