// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    // All state lives on one loop, so that the dynamic check of exclusive access finds nothing that tests do not; on the
    // hot path it is 5 % of the time.
    .unsafeFlags(["-enforce-exclusivity=unchecked", "-cross-module-optimization"], .when(configuration: .release)),
]

/// A C library of the operating system; imported by exactly one wrapper module.
func library(_ name: String, pkgConfig: String? = nil, debian: String) -> Target {
    .systemLibrary(name: name, path: "Shared/\(name)", pkgConfig: pkgConfig, providers: [.apt([debian])])
}

/// A module of `Shared/`.
func shared(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Shared/\(name)", exclude: name == "Bus" ? ["Migrations"] : [],
        swiftSettings: settings)
}

/// The endpoints that a service owns, as values.
func routes(_ service: String, _ dependencies: Target.Dependency...) -> Target {
    .target(
        name: "\(service)Routes", dependencies: ["Endpoints", "JSON", "Models"] + dependencies,
        path: "Services/\(service)/Routes", swiftSettings: settings)
}

/// A process: its own routes, plus what it is made of.
func service(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .executableTarget(
        name: name, dependencies: ["EventLoop", "JSON", "Models", "ServiceRuntime"] + dependencies,
        path: "Services/\(name)/Sources", swiftSettings: settings)
}

/// The tests of one module, which mirror its sources.
func tests(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        path: "Tests/\(name)Tests", exclude: ["Models": ["Golden"], "NotificationMailer": ["Golden"]][name] ?? [],
        swiftSettings: settings)
}

let package = Package(
    name: "e-bon",
    targets: [
        library("CLinux", debian: "libc6-dev"),
        library("CHiredis", debian: "libhiredis-dev"),
        library("CLibpq", pkgConfig: "libpq", debian: "libpq-dev"),
        library("CCurl", pkgConfig: "libcurl", debian: "libcurl4-openssl-dev"),
        library("COpenSSL", pkgConfig: "libcrypto", debian: "libssl-dev"),
        library("CArgon2", pkgConfig: "libargon2", debian: "libargon2-dev"),

        shared("EventLoop", "CLinux"),
        shared("JSON"),
        shared("Models", "JSON"),
        shared("Endpoints", "JSON", "Models"),
        shared("Crypto", "COpenSSL", "CArgon2", "EventLoop", "JSON"),
        shared("HTTP", "CLinux", "EventLoop"),
        shared("Redis", "CHiredis", "EventLoop"),
        shared("Postgres", "CLibpq", "EventLoop", "JSON", "Models"),
        shared("Curl", "CCurl", "EventLoop"),
        shared("ServiceRuntime", "Crypto", "EventLoop", "HTTP", "JSON", "Models"),
        shared("Bus", "Crypto", "Endpoints", "EventLoop", "JSON", "Models", "Postgres", "Redis", "ServiceRuntime"),

        routes("AlertsEngine"),
        routes("BillingWebhooks"),
        routes("CommandDispatcher", "Crypto"),
        routes("Gateway"),
        routes("OrgLocations"),

        service(
            "EdgeRouter", "Bus", "Crypto", "Endpoints", "HTTP", "Redis", "AlertsEngineRoutes", "BillingWebhooksRoutes",
            "CommandDispatcherRoutes", "GatewayRoutes", "OrgLocationsRoutes"),
        service("OrgLocations", "Bus", "Crypto", "Endpoints", "Postgres", "Redis", "OrgLocationsRoutes"),
        service("Gateway", "Bus", "Crypto", "Endpoints", "HTTP", "Postgres", "Redis", "GatewayRoutes"),
        service("CommandDispatcher", "Bus", "Crypto", "Endpoints", "Postgres", "Redis", "CommandDispatcherRoutes"),
        service("AlertsEngine", "Bus", "Crypto", "Endpoints", "Postgres", "Redis", "AlertsEngineRoutes"),
        service("BillingWebhooks", "Bus", "Crypto", "Curl", "Endpoints", "Postgres", "Redis", "BillingWebhooksRoutes"),
        service("NotificationMailer", "Bus", "Crypto", "Curl", "Postgres", "Redis"),
        service("Migrator", "Crypto", "Postgres"),
        service("VirtualDevice", "Crypto", "HTTP"),

        .target(
            name: "TestSupport",
            dependencies: [
                "Bus", "Crypto", "Curl", "Endpoints", "EventLoop", "HTTP", "JSON", "Models", "Postgres", "Redis",
                "ServiceRuntime",
            ],
            path: "Tests/TestSupport", exclude: ["Fixtures"], swiftSettings: settings),
        tests(
            "EdgeRouter", "Bus", "Crypto", "Endpoints", "EventLoop", "HTTP", "JSON", "Models", "Redis", "ServiceRuntime"
        ),
        .executableTarget(
            name: "Bench", dependencies: ["Bus", "EventLoop", "HTTP", "JSON", "Models", "Redis"], path: "Tests/Bench",
            swiftSettings: settings),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "BillingWebhooksRoutes", "Bus", "Crypto", "EdgeRouter", "Endpoints", "EventLoop", "HTTP", "JSON",
                "Models", "Postgres", "Redis", "TestSupport",
            ],
            path: "Tests/SystemTests", swiftSettings: settings),
        tests("EventLoop"),
        tests("VirtualDevice", "EventLoop", "HTTP", "JSON", "Models", "ServiceRuntime"),
        tests("AlertsEngine", "AlertsEngineRoutes", "Bus", "EventLoop", "JSON", "Models", "Postgres"),
        tests(
            "NotificationMailer", "Bus", "Crypto", "Curl", "EventLoop", "JSON", "Models", "Postgres", "ServiceRuntime"),
        tests(
            "CommandDispatcher", "Bus", "CommandDispatcherRoutes", "Endpoints", "EventLoop", "JSON", "Models",
            "Postgres", "Redis"),
        tests(
            "Gateway", "Bus", "Crypto", "Endpoints", "EventLoop", "GatewayRoutes", "HTTP", "JSON", "Models",
            "Postgres", "Redis", "ServiceRuntime"),
        tests("JSON"),
        tests("Models", "JSON"),
        tests("Endpoints", "JSON", "Models"),
        tests("Migrator", "EventLoop", "Postgres"),
        tests("Bus", "Crypto", "Endpoints", "EventLoop", "JSON", "Models", "Postgres", "Redis", "ServiceRuntime"),
        tests("Redis", "EventLoop"),
        tests("Crypto", "EventLoop", "JSON"),
        tests("ServiceRuntime", "EventLoop", "HTTP", "JSON"),
        tests("Curl", "EventLoop", "HTTP"),
        tests("HTTP", "EventLoop"),
        tests("Postgres", "EventLoop"),
        tests(
            "BillingWebhooks", "BillingWebhooksRoutes", "Bus", "Crypto", "Curl", "Endpoints", "EventLoop", "HTTP",
            "JSON",
            "Models", "Postgres", "ServiceRuntime"),
        tests(
            "OrgLocations", "Bus", "Crypto", "Endpoints", "EventLoop", "JSON", "Models", "Postgres", "ServiceRuntime",
            "OrgLocationsRoutes"),
    ]
)
