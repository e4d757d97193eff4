import Endpoints
import JSON
import Models

extension CommandDispatcherRoutes {
    package static let cashBalance = live(
        "devices.cash-balance", .get, "/api/v1/devices/{deviceId}/cash-balance",
        summary: "Asks the register how much money is in the drawer", access: .scope(.devicesRead),
        success: .ok(
            .object([
                .required("cashBalance", .decimal()), .required("currency", .string),
                .required("deviceId", DeviceID.schema), .required("timestamp", .dateTime),
            ]).named("CashBalance")))

    /// A route that waits for the register. The edge waits a little longer than the dispatcher does.
    private static func live(
        _ name: String, _ method: Route.Method, _ path: PathTemplate, summary: String, access: Access,
        success: Route.Success
    ) -> Endpoint<NoInput, JSON> {
        Endpoint(
            name, .commandDispatcher, method, path, summary: summary, access: access, success: success,
            errors: [.notFound, .deviceError, .commandTimeout], deadline: .seconds(35))
    }
}
