import Endpoints
import Models
import Testing

@testable import EdgeRouter

@Suite("The declared routes") struct ReferenceTests {
    @Test("ask for what the product's reference says", arguments: reference)
    func access(_ line: String, _ access: Access) throws {
        let route = try #require(allRoutes.first { "\($0.method.rawValue) \($0.path)" == line })
        #expect(route.access == access)
    }

    private static let reference: [(String, Access)] =
        [
            "POST /api/v1/auth/register", "POST /api/v1/auth/login", "POST /api/v1/auth/refresh",
            "POST /api/v1/auth/forgot-password", "POST /api/v1/auth/reset-password",
            "POST /api/v1/auth/accept-invitation", "GET /health", "GET /api/v1/openapi.json",
        ].map { ($0, .open) }
        + [
            "GET /api/v1/org", "GET /api/v1/org/locations", "GET /api/v1/users/me", "PATCH /api/v1/users/me",
            "POST /api/v1/users/me/password", "POST /api/v1/auth/logout",
        ].map { ($0, .user) }
        + [
            "PATCH /api/v1/org", "POST /api/v1/org/locations", "PATCH /api/v1/org/locations/{locationId}",
            "DELETE /api/v1/org/locations/{locationId}", "GET /api/v1/org/settings/notifications",
            "PATCH /api/v1/org/settings/notifications", "GET /api/v1/org/members", "POST /api/v1/org/members",
            "PATCH /api/v1/org/members/{memberId}", "DELETE /api/v1/org/members/{memberId}", "GET /api/v1/org/audit",
            "GET /api/v1/org/api-keys", "POST /api/v1/org/api-keys", "GET /api/v1/org/api-keys/{apiKeyId}",
            "PATCH /api/v1/org/api-keys/{apiKeyId}", "DELETE /api/v1/org/api-keys/{apiKeyId}",
        ].map { ($0, .administrator) }
        + [
            "GET /api/v1/devices", "GET /api/v1/devices/statuses", "GET /api/v1/devices/alerts",
            "GET /api/v1/devices/{deviceId}", "GET /api/v1/devices/{deviceId}/status",
            "GET /api/v1/devices/{deviceId}/connection-history", "GET /api/v1/devices/{deviceId}/alerts",
            "GET /api/v1/devices/{deviceId}/cash-balance", "GET /api/v1/devices/{deviceId}/vat-rates",
            "GET /api/v1/devices/{deviceId}/vat-capabilities", "GET /api/v1/devices/{deviceId}/header-footer",
            "GET /api/v1/devices/{deviceId}/header-footer-capabilities",
            "GET /api/v1/devices/{deviceId}/operator-capabilities", "GET /api/v1/devices/{deviceId}/info",
            "GET /api/v1/devices/{deviceId}/last-receipt", "GET /api/v1/app-instances",
        ].map { ($0, .scope(.devicesRead)) }
        + [
            "POST /api/v1/devices", "PATCH /api/v1/devices/{deviceId}", "DELETE /api/v1/devices/{deviceId}",
            "POST /api/v1/devices/{deviceId}/claim", "POST /api/v1/devices/{deviceId}/release",
            "POST /api/v1/devices/{deviceId}/set-datetime", "POST /api/v1/devices/{deviceId}/print-duplicate",
            "POST /api/v1/devices/{deviceId}/non-fiscal", "POST /api/v1/devices/{deviceId}/logo",
            "DELETE /api/v1/devices/{deviceId}/logo", "POST /api/v1/devices/{deviceId}/vat-rates",
            "POST /api/v1/devices/{deviceId}/header-footer", "POST /api/v1/devices/{deviceId}/operator",
            "POST /api/v1/devices/{deviceId}/void-open", "POST /api/v1/devices/{deviceId}/reversal",
        ].map { ($0, .scope(.devicesWrite)) }
        + [
            "POST /api/v1/devices/{deviceId}/commands", "POST /api/v1/commands", "GET /api/v1/commands",
            "GET /api/v1/commands/{commandId}", "POST /api/v1/commands/{commandId}/cancel",
        ].map { ($0, .scope(.commands)) }
        + [
            "GET /api/v1/devices/{deviceId}/receipts", "GET /api/v1/receipts", "GET /api/v1/receipts/{receiptId}",
        ].map { ($0, .scope(.receiptsRead)) }
        + ["GET /api/v1/reports/x", "GET /api/v1/reports/z"].map { ($0, .scope(.reports)) }
        + [
            ("POST /api/v1/receipts", .scope(.receipts)), ("POST /api/v1/billing/webhook", .signed),
            ("GET /api/v1/me", .anyCredential),
        ]
}
