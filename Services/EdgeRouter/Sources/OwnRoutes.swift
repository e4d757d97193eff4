import AlertsEngineRoutes
import BillingWebhooksRoutes
import CommandDispatcherRoutes
import Endpoints
import GatewayRoutes
import JSON
import Models
import OrgLocationsRoutes

/// What the edge answers itself.
enum OwnRoutes {
    static let health = Endpoint<NoInput, NoOutput>(
        "health", .edgeRouter, .get, "/health", summary: "Says that the service is reachable",
        access: .open, isRateLimited: false, success: .ok(healthSchema)
    ).route

    static let me = Endpoint<NoInput, NoOutput>(
        "me", .edgeRouter, .get, "/api/v1/me", summary: "Who the credential belongs to and what it may do",
        access: .anyCredential, success: .ok(Caller.meSchema)
    ).route

    static let openAPI = Endpoint<NoInput, NoOutput>(
        "openapi", .edgeRouter, .get, "/api/v1/openapi.json", summary: "This document", access: .open,
        success: .ok(.freeFormObject, example: ["openapi": "3.1.0", "info": ["title": "e-bon"]])
    ).route

    static let socket = Endpoint<NoInput, NoOutput>(
        "socket", .edgeRouter, .get, "/ws", summary: "Opens a WebSocket: a device's, or one that listens to events",
        access: .anyCredential,
        query: [
            .optional("deviceId", .string(1...128)), .optional("subscribe", .oneOf(["events"])),
            .optional("appVersion", .string(0...128)), .optional("deviceModel", .string(0...128)),
            .optional("osVersion", .string(0...128)), .optional("since", .string(1...128)),
            .optional("apiKey", .string(1...256)), .optional("token", .string(1...4096)),
        ],
        success: .switchingProtocols,
        errors: [
            .socketWithoutPurpose, .lacksScope(SocketRequest.Kind.device.scopes),
            .lacksScope(SocketRequest.Kind.events.scopes), .noSuchDevice, .noUpgrade,
        ]
    ).route

    private static let healthSchema = Schema.object([
        .required("status", .oneOf(["ok"])), .required("timestamp", Timestamp.schema), .required("version", .string),
    ]).named("Health").illustrated(by: [
        "status": "ok", "timestamp": "2026-04-09T08:10:00.000Z", "version": .string(productVersion),
    ])
}

/// Every route there is.
let allRoutes: [Route] =
    [OwnRoutes.health, OwnRoutes.me, OwnRoutes.openAPI, OwnRoutes.socket] + OrgLocationsRoutes.all
    + GatewayRoutes.all + CommandDispatcherRoutes.all + AlertsEngineRoutes.all + BillingWebhooksRoutes.all
