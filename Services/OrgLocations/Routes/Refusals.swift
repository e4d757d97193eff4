import Endpoints
import Models

/// What the routes show and the handlers throw.
extension APIError {
    package static let noSuchOrganization = notFound("Organization not found")
    package static let noSuchLocation = notFound("Location not found")
    package static let noSuchKey = notFound("API key not found")
    package static let noSuchMember = notFound("Member not found")

    package static let wrongLogin = unauthorized("Invalid email or password")
    package static let wrongRefreshToken = unauthorized("Invalid or expired refresh token")
    package static let tooManyLogins = unavailable("Too many logins at once", retryAfter: 1)
    package static let knownEmail = conflict("A user with this email address already exists")
    package static let deadLink = validation(
        "body.token", "token is not valid, has expired or has been used already")

    package static let ownersOnly = forbidden("Only an owner may make, change or remove an owner")
    package static let lastOwner = conflict("The last owner can neither be removed nor lose the role")

    package static let heldByAnother = conflict("Device is already controlled by another controller")
    package static let notTheController = forbidden("Only the current controller may release the device")

    package static func invitationLimit(_ limit: Int) -> APIError {
        conflict("An organization may have at most \(limit) open invitations. Withdraw some first.")
    }

    package static func locationLimit(_ limit: Int) -> APIError {
        conflict("An organization may have at most \(limit) locations.")
    }

    package static func locationInUse(devices count: Int) -> APIError {
        conflict("Cannot delete location — it has \(count) device(s) assigned. Move or delete the devices first.")
    }

    package static func keyLimit(_ limit: Int) -> APIError {
        conflict("An organization may have at most \(limit) API keys. Revoke those that are not used.")
    }

    package static func keysNotIn(_ plan: Plan) -> APIError {
        forbidden(
            """
            API key limit reached. Your \(plan.rawValue) plan does not include API keys. \
            Upgrade your plan to create API keys.
            """)
    }

    package static func deviceLimit(_ plan: Plan, maximum: Int, current: Int) -> APIError {
        forbidden(
            """
            Device limit reached. Your \(plan.rawValue) plan allows a maximum of \(maximum) devices \
            (current: \(current)). Upgrade your plan to add more devices.
            """)
    }
}
