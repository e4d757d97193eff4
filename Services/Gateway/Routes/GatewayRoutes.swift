import Endpoints
import JSON
import Models

/// The endpoints that Gateway owns.
package enum GatewayRoutes {
    package static let appInstances = Endpoint<NoInput, AppInstances>(
        "app-instances.list", .gateway, .get, "/api/v1/app-instances",
        summary: "The apps that are connected at this moment", access: .scope(.devicesRead),
        success: .ok(AppInstances.schema))

    package static let deviceStatuses = Endpoint<NoInput, DeviceStatuses>(
        "devices.statuses", .gateway, .get, "/api/v1/devices/statuses",
        summary: "Whether each device is connected, and its persisted status", access: .scope(.devicesRead),
        success: .ok(DeviceStatuses.schema))

    package static let deviceStatus = Endpoint<NoInput, DeviceStatusReport>(
        "devices.status", .gateway, .get, "/api/v1/devices/{deviceId}/status",
        summary: "Whether one device is connected, and its persisted status", access: .scope(.devicesRead),
        success: .ok(DeviceStatusReport.schema), errors: [.noSuchDevice])

    package static let connectionHistory = Endpoint<NoInput, ConnectionHistory>(
        "devices.connection-history", .gateway, .get, "/api/v1/devices/{deviceId}/connection-history",
        summary: "When a device came and went, newest first: the last 20 times", access: .scope(.devicesRead),
        success: .ok(ConnectionHistory.schema), errors: [.noSuchDevice])

    package static let all: [Route] = [
        appInstances.route, deviceStatuses.route, deviceStatus.route, connectionHistory.route,
    ]
}
