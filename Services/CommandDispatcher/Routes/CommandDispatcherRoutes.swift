/// The endpoints that CommandDispatcher owns.
package enum CommandDispatcherRoutes {}
