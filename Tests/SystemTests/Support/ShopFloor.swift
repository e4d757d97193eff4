import EventLoop
import HTTP
import JSON
import TestSupport

/// The virtual devices of a stack: what a person standing beside them sees and does.
@Loop struct ShopFloor {
    struct Device {
        let isConnected: Bool
        let session: String?
        /// How often paper came out, by command.
        let prints: [String: Int]
        /// The app's journal: `state`, and the answer once there is one.
        let journal: [String: JSON]
        /// What the cloud has not acknowledged.
        let unacked: [String]
        let running: String?

        init(_ json: JSON) {
            isConnected = json["connected"]?.bool ?? false
            session = json["session"]?.string
            prints = Dictionary(
                uniqueKeysWithValues: json["prints"]?.object?.members.map { ($0.name, Int($0.value.integer ?? -1)) }
                    ?? [])
            journal = Dictionary(
                uniqueKeysWithValues: json["journal"]?.object?.members.map { ($0.name, $0.value) } ?? [])
            unacked = json["unacked"]?.array?.compactMap(\.string) ?? []
            running = json["running"]?.string
        }
    }

    struct OutOfReach: Error { let reason: String }

    let stack: Stack

    /// Every device by id. A process that is being started again gets its time.
    func devices() async throws -> [String: Device] {
        let state = try await request(.get, "/state")
        let members = state["devices"]?.object?.members ?? []
        return Dictionary(uniqueKeysWithValues: members.map { ($0.name, Device($0.value)) })
    }

    func device(_ id: String) async throws -> Device {
        guard let device = try await devices()[id] else { throw OutOfReach(reason: "no device \(id)") }
        return device
    }

    func set(_ what: String, _ body: JSON, of device: String) async throws {
        _ = try await request(.put, "/\(what)?deviceId=\(device)", body)
    }

    private func request(_ method: HTTPMethod, _ target: String, _ body: JSON? = nil) async throws -> JSON {
        let response: HTTPClientResponse? = await eventually(within: .seconds(30)) {
            guard let port = stack.port(of: "virtual-device", "controlPort") else { return nil }
            let client = try? HTTPClient("http://127.0.0.1:\(port)")
            defer { client?.close() }
            return try? await client?.request(method, target, body: body?.serialized() ?? [])
        }
        guard let response else { throw OutOfReach(reason: stack.log("virtual-device")) }
        guard response.status.rawValue < 300 else { throw OutOfReach(reason: response.text) }
        return response.body.isEmpty ? .null : try JSON(parsing: response.body)
    }
}
