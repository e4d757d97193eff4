/// The endpoints that OrgLocations owns.
package enum OrgLocationsRoutes {}
