import EventLoop
import Models
import ServiceRuntime

/// All devices of this process.
@Loop final class Fleet {
    private(set) var devices: [Device] = []
    private var byId: [DeviceID: Device] = [:]
    private let storage: Storage

    init(
        _ configuration: Config, metrics: Metrics, onFailure: @escaping @Loop (String) -> Void
    ) throws {
        let access = CloudAccess(
            urls: configuration.urls, apiKey: configuration.apiKey, longestWait: configuration.longestReconnect)
        var generator = SeededGenerator(seed: configuration.seed)
        var restored: [(DeviceID, Journal, RegisterMemory)] = []
        storage = try Storage(
            directory: configuration.directory, isQuiet: configuration.isQuiet, devices: configuration.devices,
            onFailure: onFailure
        ) { restored.append(($0, $1, $2)) }
        for (id, journal, memory) in restored {
            let device = Device(
                id, journal: journal, memory: memory, storage: storage, latency: configuration.latency,
                access: access, seed: generator.next())
            devices.append(device)
            byId[id] = device
        }
        metrics.counter("ebon_virtual_device_sessions_total", "Sessions that the cloud has opened.") { [unowned self] in
            Double(devices.reduce(0) { $0 + $1.link.connections })
        }
    }

    var connected: Int { devices.count { $0.link.session != nil } }

    var neverConnected: Int { devices.count { !$0.link.hasBeenConnected } }

    subscript(id: DeviceID) -> Device? { byId[id] }

    func start() {
        for device in devices { device.start() }
    }

    /// Says goodbye and waits until the disk has everything; what is unanswered is completed by the next process.
    func stop(deadline: LoopInstant) async {
        for device in devices { device.link.close(.goingAway) }
        await storage.settle()
    }
}
