import EventLoop
import JSON
import TestSupport

extension Cloud {
    static let controller: JSON = ["controllerId": "instance_a", "controllerName": "Casa A"]

    /// Registers a device as its owner would, with a controller unless told otherwise; returns its id.
    func register(_ name: String, claimed: Bool = true) async throws -> String {
        let answer = try await post(
            "/api/v1/devices",
            [
                "name": .string(name), "protocol": "datecs_compact", "transport": "tcp", "locationId": "loc_main",
                "connectionParams": ["host": "192.168.1.60", "port": 9100],
            ])
        guard let id = answer.json["id"]?.string else { throw NotRegistered(answer: answer.json) }
        if claimed { _ = try await post("/api/v1/devices/\(id)/claim", Self.controller) }
        return id
    }

    struct NotRegistered: Error { let answer: JSON }
}
