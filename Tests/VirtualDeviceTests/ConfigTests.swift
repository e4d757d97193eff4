import Models
import Testing

@testable import VirtualDevice

@Suite("The list of devices") struct ConfigTests {
    @Test(
        "holds ids and ranges",
        arguments: [
            ("dev_pos_01", ["dev_pos_01"]), ("dev_a, dev_b", ["dev_a", "dev_b"]),
            ("dev_load_9..11", ["dev_load_9", "dev_load_10", "dev_load_11"]), ("dev_a,x1..1", ["dev_a", "x1"]),
        ])
    func lists(_ text: String, _ ids: [String]) {
        #expect(Config.devices(text) == ids.map { DeviceID($0) })
    }

    @Test(
        "is refused when it is none",
        arguments: ["", ",", "dev_a,", "dev_a,dev_a", "dev_5..4", "dev_..4", "d1..20001", "d1..x"])
    func refusals(_ text: String) {
        #expect(Config.devices(text) == nil)
    }
}
