import Endpoints
import JSON
import Models

extension OrgLocationsRoutes {
    package static let forgotPassword = Endpoint<ForgottenPassword, NoOutput>(
        "auth.forgot-password", .orgLocations, .post, "/api/v1/auth/forgot-password",
        summary: "Mails a link to choose a new password with",
        notes: "The answer is the same whether the address is known. The link is good once, for an hour.",
        access: .open, buckets: [.auth], body: ForgottenPassword.schema, success: .accepted)

    package static let resetPassword = Endpoint<PasswordReset, NoOutput>(
        "auth.reset-password", .orgLocations, .post, "/api/v1/auth/reset-password",
        summary: "Stores a new password; ends all sessions",
        notes: "`token` stands in the link behind `#token=`. One that is wrong, used or expired is a 400.",
        access: .open, buckets: [.auth], body: PasswordReset.schema, success: .noContent,
        errors: [.deadLink, .tooManyLogins])
}

package struct ForgottenPassword: Decodable, Sendable {
    package let email: String

    static let schema = Schema.object([.required("email", .string(.email))]).named("ForgottenPassword")
        .illustrated(by: ["email": "owner@acme.example"])
}

package struct PasswordReset: Decodable, Sendable {
    package let token: String
    package let password: String

    static let schema = Schema.object([
        .required("token", .linkToken), .required("password", .newPassword),
    ]).named("PasswordReset").illustrated(by: ["token": "Zm9yZ2V0LW1lLW5vdA", "password": "correct horse battery"])
}
