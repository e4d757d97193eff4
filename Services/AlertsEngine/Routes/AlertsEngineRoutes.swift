/// The endpoints that AlertsEngine owns.
package enum AlertsEngineRoutes {}
