import Endpoints
import JSON
import Models

/// The endpoints that CommandDispatcher owns.
package enum CommandDispatcherRoutes {
    package static let all: [Route] =
        [
            submitToDevice.route, submit.route, listCommands.route, command.route, cancelCommand.route,
            storeReceipt.route, listReceipts.route, receipt.route, deviceReceipts.route, listXReports.route,
            listZReports.route,
        ] + live.map(\.endpoint.route)
}
