import EventLoop
import JSON
import TestSupport

/// The stack of the tests about many sockets: two edges, two gateways, and logs that hide nothing.
@Loop struct SocketStack {
    static let crowd = 1_000

    let stack: Stack
    let cloud: Cloud
    let books: Books
    /// The second edge, whose port changes when it is started again.
    let otherEdge: String
    /// Devices that one process plays, through the first edge as long as it is there.
    let devices: [String]

    private static var started: Task<SocketStack, any Error>?

    static func shared() async throws -> SocketStack {
        if let started { return try await started.value }
        let task = Task { @Loop in try await SocketStack() }
        started = task
        return try await task.value
    }

    private init() async throws {
        var options = Stack.Options(scale: ["gateway": 2, "edge-router": 2])
        options.environment["LOG_LEVEL"] = "debug"
        stack = try await Stack.start(options)
        cloud = try Cloud(stack)
        books = Books(stack)
        otherEdge = "http://127.0.0.1:\(stack.port(of: "edge-router-2", "port") ?? 0)"
        _ = try await books.database.query(
            """
            INSERT INTO org.devices (
                device_id, org_id, location_id, name, protocol, transport, connection_params, controller_id,
                controller_name)
            SELECT 'dev_crowd_' || n, org_id, location_id, name || n, protocol, transport, connection_params,
                controller_id, controller_name
            FROM org.devices, generate_series(1, $2) AS n WHERE device_id = $1
            """, [stack.variables.device, Self.crowd])
        devices = (1...Self.crowd).map { "dev_crowd_\($0)" }
        try await stack.startDevices(
            ["dev_crowd_1..\(Self.crowd)"],
            environment: [
                "VIRTUAL_DEVICE_SEED": "1", "VIRTUAL_DEVICE_QUIET": "true", "VIRTUAL_DEVICE_OTHER_URLS": otherEdge,
            ])
    }

    /// What was told of a device's sockets, in order.
    func events(of device: String) async throws -> [String] {
        try await books.database.query(
            """
            SELECT type || coalesce(' ' || (data ->> 'code'), '') AS event FROM bus.outbox
            WHERE data ->> 'deviceId' = $1 AND type LIKE 'app.%' ORDER BY xid, id
            """, [device]
        ).map { try $0.string("event") }
    }
}
