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
        notes: """
            `deviceId` opens the socket of that device, `subscribe=events` one that listens; the two exclude each other. \
            The frames are JSON texts of 256 KiB at most, subprotocol `ebon.device.v1`, which may be left out; the first \
            is a `welcome`. A device's socket wants the scope `devices:write`; a newer one closes the older one; a device \
            that is fought over gets 429 for a minute.

            A listener gets every event of the organization as `{id,type,createdAt,data}`: all of them with a session, \
            with an API key what its scopes allow (`devices:read`: `device.*` and `app.*`; `receipts:read`: \
            `receipt.created`; `commands`: `command.*`). `since` is the id of the last event that was seen: what followed \
            it within 24 hours comes first, in order, then `{"type":"replay.complete"}`; or `{"type":"replay.gap"}` at \
            once if the event is unknown or too old. Before an access token expires, or within 60 seconds after, send \
            `{"type":"auth","token":"…"}` with a new one of the same user.

            Answer pings (a WebSocket pong is enough). Close codes: 1012 the service restarts, come back with jitter; 4400 \
            malformed frames; 4401 the credential has ended or permits something else now; 4404 the device was deleted; \
            4408 a minute without a frame; 4409 a newer socket of the device; 4410 more than 1 MiB was not read; 4429 more \
            than 50 frames a second. A listener comes back with `since` after each of them.
            """,
        access: .anyCredential,
        query: [
            .optional("deviceId", Schema.string(1...128).described("The device whose app connects.")),
            .optional("subscribe", .oneOf(["events"])),
            .optional("appVersion", Schema.string(0...128).described("Of the E-BON app.", example: "2.4.1")),
            .optional(
                "deviceModel",
                Schema.string(0...128).described("The phone or tablet.", example: "Samsung Galaxy Tab A8")),
            .optional("osVersion", Schema.string(0...128).described("Its system.", example: "Android 14")),
            .optional(
                "since",
                Schema.string(1...128).described(
                    "The id of the last event that a listener has seen: what it has missed in 24 hours comes first.")),
            .optional("apiKey", Schema.string(1...256).described("An API key, for clients that can set no headers.")),
            .optional("token", Schema.string(1...4096).described("A portal JWT, for clients that can set no headers.")),
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
