import EventLoop
import TestSupport

/// The stack of the tests that kill nothing: one replica of everything, and a device for each test that needs one.
@Loop struct EverydayStack {
    /// The registers that tests have for themselves.
    enum Register: String, CaseIterable {
        case receipts, payloads, balance, reports, alerts, events, journal, programming, bus
    }

    let stack: Stack
    let cloud: Cloud
    let floor: ShopFloor
    private let devices: [Register: String]

    private static var started: Task<EverydayStack, any Error>?

    static func shared() async throws -> EverydayStack {
        if let started { return try await started.value }
        let task = Task { @Loop in try await EverydayStack() }
        started = task
        return try await task.value
    }

    private init() async throws {
        stack = try await Stack.start(Stack.Options())
        cloud = try Cloud(stack)
        floor = ShopFloor(stack: stack)
        var devices: [Register: String] = [:]
        for register in Register.allCases { devices[register] = try await cloud.register(register.rawValue) }
        self.devices = devices
        try await stack.startDevices(
            Array(devices.values), environment: ["VIRTUAL_DEVICE_LATENCY_MS": "20", "VIRTUAL_DEVICE_SEED": "1"])
    }

    /// The id of the device that a test has for itself.
    subscript(register: Register) -> String { devices[register] ?? "" }

    /// Waits until a command has ended, and answers it as the API shows it.
    func ended(_ command: Cloud.Answer) async throws -> Cloud.Answer? {
        let id = command.json["id"]?.string ?? ""
        return try await eventually {
            let answer = try await cloud.get("/api/v1/commands/\(id)")
            return answer.json["finishedAt"]?.string == nil ? nil : answer
        }
    }
    /// Waits until the API shows the device with a status; false if that does not come about.
    func becomes(_ status: String, _ device: String) async throws -> Bool {
        let shown: Bool? = try await eventually {
            try await cloud.get("/api/v1/devices/\(device)").json["status"]?.string == status ? true : nil
        }
        return shown == true
    }
}
