import EventLoop
import ServiceRuntime

@main struct Main {
    static func main() async {
        await ServiceMain.run("virtual-device", Config.self) { config, runtime in
            try raiseOpenFileLimit()
            let fleet = try Fleet(config, metrics: runtime.metrics) { runtime.fail($0) }
            let control = ControlServer(fleet: fleet)
            runtime.metrics.gauge("ebon_virtual_devices_connected", "Devices with a session.") {
                Double(fleet.connected)
            }
            runtime.addReadinessCheck("devices") {
                let waiting = fleet.neverConnected
                return waiting == 0 ? .ready : .unready("\(waiting) have not been connected yet")
            }
            return [
                Component("control") {
                    runtime.announce("controlPort", port: try control.listen(port: config.controlPort))
                } stop: { _ in
                    await control.drain()
                },
                Component("devices") {
                    fleet.start()
                } stop: { deadline in
                    await fleet.stop(deadline: deadline)
                },
            ]
        }
    }
}
