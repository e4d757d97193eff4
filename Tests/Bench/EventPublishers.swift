import EventLoop
import HTTP
import JSON

/// Makes an event happen that carries a number.
@Loop protocol EventPublisher {
    func publish(_ number: Int) async
}

/// How an event's number is found in it, whatever else it says.
enum EventMark {
    static func text(_ number: Int) -> String { "#\(number)#" }

    static func number(in text: [UInt8]) -> Int? {
        guard let start = text.firstIndex(of: UInt8(ascii: "#")) else { return nil }
        var number = 0
        for byte in text[(start + 1)...] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
                return byte == UInt8(ascii: "#") ? number : nil
            }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return nil
    }
}

/// What another server's listeners get: the same frame, posted as it is.
struct PostedEvents: EventPublisher {
    private let client: HTTPClient

    init(_ url: String) throws { client = try HTTPClient(url) }

    func publish(_ number: Int) async {
        let frame: JSON = [
            "id": "evt_Zb3mJ0n7cVxQw1RkL5tYpA", "type": "device.claimed", "createdAt": "2026-04-25T08:42:11.503Z",
            "data": [
                "deviceId": "dev_event_1", "controllerId": "bench", "controllerName": .string(EventMark.text(number)),
            ],
        ]
        _ = try? await client.request(.post, "/publish", body: frame.serialized(), within: .seconds(10))
    }
}

/// What happens for real: an app claims a device under another name.
struct Claims: EventPublisher {
    private let client: HTTPClient
    private let devices: [String]

    init(_ url: String, key: String, devices: String) throws {
        client = try HTTPClient(url)
        client.headers = ["x-api-key": key, "Content-Type": "application/json"]
        self.devices = try Order.devices(devices)
    }

    func publish(_ number: Int) async {
        let claim: JSON = ["controllerId": "bench", "controllerName": .string(EventMark.text(number))]
        _ = try? await client.request(
            .post, "/api/v1/devices/\(devices[number % devices.count])/claim", body: claim.serialized(),
            within: .seconds(10))
    }
}
