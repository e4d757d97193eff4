import Models
import ServiceRuntime

struct Config: Configuration {
    /// Of the edges: the first that answers will do.
    let urls: [String]
    let apiKey: Secret
    let devices: [DeviceID]
    let directory: String
    let latency: Duration
    /// The longest wait between two attempts to connect.
    let longestReconnect: Duration
    let controlPort: Int
    let seed: UInt64
    /// Prints no slips: for load.
    let isQuiet: Bool

    static let mostDevices = 20_000

    init(from environment: inout EnvironmentReader) {
        let url = environment.required("EBON_URL", placeholder: "", as: "an http:// URL", Self.url)
        urls =
            [url]
            + environment.value("VIRTUAL_DEVICE_OTHER_URLS", default: [], as: "http:// URLs, separated by commas") {
                text in
                let urls = text.split(separator: ",").map { Self.url($0.trimming(" ")) }
                return urls.contains(nil) ? nil : urls.compactMap(\.self)
            }
        apiKey = environment.secret("EBON_API_KEY")
        devices = environment.required(
            "VIRTUAL_DEVICE_ID", placeholder: [],
            as: "device ids or ranges such as dev_load_1..500, separated by commas",
            Self.devices)
        directory = environment.string("VIRTUAL_DEVICE_DIR")
        latency = .milliseconds(
            environment.integer("VIRTUAL_DEVICE_LATENCY_MS", default: 20, in: 0...600_000))
        longestReconnect = environment.duration("VIRTUAL_DEVICE_RECONNECT_MAX", default: .seconds(5))
        controlPort = environment.port("VIRTUAL_DEVICE_CONTROL_PORT", default: 0)
        seed = environment.value(
            "VIRTUAL_DEVICE_SEED", default: UInt64.random(in: 0 ... .max), as: "a whole number"
        ) { UInt64($0) }
        isQuiet = environment.flag("VIRTUAL_DEVICE_QUIET", default: false)
    }

    private static func url(_ text: some StringProtocol) -> String? {
        guard text.hasPrefix("http://") else { return nil }
        return String(text.hasSuffix("/") ? text.dropLast() : text[...])
    }

    /// The ids that `text` lists; nil when it lists none, too many, or one twice.
    static func devices(_ text: String) -> [DeviceID]? {
        var devices: [DeviceID] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let members = members(part.trimming(" ")), devices.count + members.count <= mostDevices else {
                return nil
            }
            devices += members
        }
        return devices.isEmpty || Set(devices).count < devices.count ? nil : devices
    }

    private static func members(_ part: Substring) -> [DeviceID]? {
        guard !part.isEmpty else { return nil }
        guard let dots = part.firstRange(of: "..") else { return [DeviceID(String(part))] }
        let name = part[..<dots.lowerBound]
        let prefix = name[..<(name.lastIndex { !$0.isASCIIDigit }.map(name.index(after:)) ?? name.startIndex)]
        guard let first = Int(name[prefix.endIndex...]), let last = Int(part[dots.upperBound...]),
            first <= last, last - first < mostDevices
        else { return nil }
        return (first...last).map { DeviceID("\(prefix)\($0)") }
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> Substring {
        var rest = drop { $0 == character }
        while rest.last == character { rest.removeLast() }
        return rest
    }
}
