/// The endpoints that Gateway owns.
package enum GatewayRoutes {}
