import HTTP

/// What every process is told, whatever its service.
struct RuntimeSettings: Configuration {
    let instance: String?
    let logLevel: LogLevel
    let internalEndpoint: StreamEndpoint
    let readyFile: ReadyFile?
    let drainTimeout: Duration

    init(from environment: inout EnvironmentReader) {
        instance = environment.optional("SERVICE_INSTANCE", as: "1 to 64 characters of A-Z a-z 0-9 _ . -") { text in
            let allowed = text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
            return allowed && text.utf8.count <= 64 ? text : nil
        }
        logLevel = environment.value("LOG_LEVEL", default: .info, as: "debug, info, warning or error") {
            LogLevel(rawValue: $0)
        }
        let port = UInt16(environment.port("INTERNAL_PORT", default: 0))
        let host = environment.value("INTERNAL_HOST", default: "127.0.0.1", as: "a numeric IPv4 or IPv6 address") {
            SocketAddress(numeric: $0, port: port)?.host
        }
        internalEndpoint = .tcp(host: host, port: port)
        readyFile = environment.optional("READY_FILE", as: "a path") { ReadyFile(path: $0) }
        drainTimeout = environment.duration("DRAIN_TIMEOUT", default: .seconds(30))
    }
}
