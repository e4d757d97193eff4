import Endpoints

/// The endpoints that OrgLocations owns.
package enum OrgLocationsRoutes {
    package static let all: [Route] = [
        register.route, login.route, refresh.route, logout.route, forgotPassword.route, resetPassword.route,
        acceptInvitation.route,
        profile.route, updateProfile.route, changePassword.route,
        organization.route, updateOrganization.route,
        listLocations.route, createLocation.route, updateLocation.route, deleteLocation.route,
        notifications.route, replaceNotifications.route,
        listMembers.route, inviteMember.route, updateMember.route, removeMember.route,
        audit.route,
        listAPIKeys.route, createAPIKey.route, apiKey.route, updateAPIKey.route, deleteAPIKey.route,
        createDevice.route, listDevices.route, device.route, updateDevice.route, deleteDevice.route,
        claimDevice.route, releaseDevice.route,
    ]
}
