import EventLoop
import HTTP
import TestSupport

/// A device's socket whose frames are written by hand.
@Loop struct BrokenSocket {
    let raw: RawConnection

    init(_ system: EverydayStack, device: String) async throws { try await self.init(at: system.stack, device: device) }

    init(at stack: Stack, device: String) async throws {
        raw = try await RawConnection(
            to: stack.endpoint,
            """
            GET /ws?deviceId=\(device) HTTP/1.1\r
            Host: x\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            x-api-key: \(stack.variables.apiKey)\r
            \r\n
            """)
        let opened: Bool? = await eventually { raw.text.contains("\"welcome\"") ? true : nil }
        if opened == nil { throw NotOpened(answer: raw.text) }
    }

    struct NotOpened: Error { let answer: String }

    /// A frame as a client writes it; the mask is zeros, so that the payload is readable.
    nonisolated static func frame(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) -> [UInt8] {
        let mask: UInt8 = isMasked ? 0x80 : 0
        let length: [UInt8] =
            switch payload.count {
            case ...125: [mask | UInt8(payload.count)]
            case ...0xffff: [mask | 126] + (0..<2).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xff) }
            default: [mask | 127] + (0..<8).reversed().map { UInt8(payload.count >> ($0 * 8) & 0xff) }
            }
        return [first] + length + (isMasked ? [0, 0, 0, 0] : []) + payload
    }

    /// The code of the close frame that comes back; nil when none does.
    func closeCode() async -> UInt16? { await eventually { closeCodeSoFar } }

    /// The same at this moment.
    var closeCodeSoFar: UInt16? {
        frames.first { $0.first == 0x88 }.map { UInt16($0[1]) << 8 | UInt16($0[2]) }
    }

    /// The whole frames that have come back, each its first byte and its payload; none of them is long.
    private var frames: [[UInt8]] {
        guard let head = raw.received.firstRange(of: Array("\r\n\r\n".utf8)) else { return [] }
        var rest = raw.received[head.upperBound...]
        var frames: [[UInt8]] = []
        while rest.count >= 2, let first = rest.first, rest.count >= 2 + Int(rest[rest.startIndex + 1]) {
            let length = Int(rest[rest.startIndex + 1])
            frames.append([first] + rest.dropFirst(2).prefix(length))
            rest = rest.dropFirst(2 + length)
        }
        return frames
    }
}

extension Stack {
    /// The first edge, for connections that are written by hand.
    var endpoint: StreamEndpoint { HTTPURL(variables.url)?.endpoint ?? .unix(path: "") }
}
