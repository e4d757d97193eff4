import Endpoints

/// The endpoints that AlertsEngine owns.
package enum AlertsEngineRoutes {
    package static let all: [Route] = []
}
