import EventLoop
import Models
import Redis

/// What a service may do in Redis, beyond what all may: announce themselves and see who else is there.
struct BusRights {
    var calls: [ServiceName] = []
    var tells: [String] = []
    var hears: [String] = []
    var reads: [String] = []
    var writes: [String] = []

    static let all: [ServiceName: BusRights] = [
        .edgeRouter: BusRights(
            calls: [.orgLocations, .gateway, .commandDispatcher, .alertsEngine, .billingWebhooks],
            hears: [CredentialsChanged.subject], writes: ["limit:x"]),
        .orgLocations: BusRights(tells: [OutboxGrew.subject, DeviceGone.subject, CredentialsChanged.subject]),
        .gateway: BusRights(
            calls: [.gateway, .commandDispatcher], tells: [OutboxGrew.subject],
            hears: [OutboxGrew.subject, DeviceGone.subject, CredentialsChanged.subject],
            writes: ["presence:x", "takeovers:x", "damped:x"]),
        .commandDispatcher: BusRights(
            calls: [.gateway], tells: [OutboxGrew.subject, CommandsFinished.subject],
            hears: [CommandsFinished.subject, DeviceGone.subject], reads: ["presence:x"]),
        .alertsEngine: BusRights(tells: [OutboxGrew.subject], hears: [OutboxGrew.subject]),
        .billingWebhooks: BusRights(tells: [OutboxGrew.subject, CredentialsChanged.subject]),
        .notificationMailer: BusRights(hears: [OutboxGrew.subject]),
    ]

    /// The channels of the bus; a replica is called `x`.
    static let channels =
        ServiceName.allCases.flatMap { [requests(to: $0), inbox(of: $0)] }
        + [OutboxGrew.subject, CommandsFinished.subject, DeviceGone.subject, CredentialsChanged.subject, "none"]

    static let keys =
        ServiceName.allCases.map(announcement(of:)) + ["limit:x", "presence:x", "takeovers:x", "damped:x", "none"]

    static func requests(to service: ServiceName) -> String { "rpc.\(service.rawValue).\(service.rawValue)_x" }

    static func inbox(of service: ServiceName) -> String { "inbox.\(service.rawValue)_x" }

    static func announcement(of service: ServiceName) -> String { "instance:\(service.rawValue):x" }

    static func callers(of service: ServiceName) -> [ServiceName] {
        all.filter { $0.value.calls.contains(service) }.map(\.key)
    }
}
