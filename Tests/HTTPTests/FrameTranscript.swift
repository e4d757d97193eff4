import HTTP

/// What a frame reader made of bytes, in a form that does not depend on how they were chopped.
struct FrameTranscript {
    var entries: [String] = []

    init(_ bytes: [UInt8], chop: Int, role: WebSocketRole = .server, messageLimit: Int = 70_000) {
        var reader = WebSocketFrameReader(role: role, messageLimit: messageLimit)
        for start in stride(from: 0, to: bytes.count, by: chop) {
            let piece = Array(bytes[start..<min(start + chop, bytes.count)])
            let goesOn = piece.withUnsafeBufferPointer { view in
                var offset = 0
                var consumed = 0
                while let event = reader.next(ByteView(rebasing: view[offset...]), consumed: &consumed) {
                    offset += consumed
                    entries.append(Self.text(event))
                    if case .violation = event { return false }
                    if case .close = event { return false }
                }
                return true
            }
            guard goesOn else { return }
        }
    }

    private static func text(_ event: WebSocketFrameReader.Event) -> String {
        func short(_ bytes: [UInt8]) -> String {
            bytes.count > 40 ? "\(bytes.count) bytes" : String(decoding: bytes, as: UTF8.self)
        }
        return switch event {
        case .fragment: "fragment"
        case .text(let bytes): "text \(short(bytes))"
        case .binary(let bytes): "binary \(short(bytes))"
        case .ping(let bytes): "ping \(short(bytes))"
        case .pong(let bytes): "pong \(short(bytes))"
        case .close(let code, let reason): "close \(code.rawValue) \(reason)"
        case .violation(let code, _): "violation \(code.rawValue)"
        }
    }
}

/// A frame written by hand, as a client sends it.
func frame(
    _ first: UInt8, _ payload: [UInt8] = [], length: [UInt8]? = nil, masked: Bool = true
) -> [UInt8] {
    let key: [UInt8] = [0x12, 0xab, 0x00, 0xff]
    var header: [UInt8]
    switch payload.count {
    case ...125: header = [UInt8(payload.count)]
    case ...0xffff: header = [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
    default: header = [127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - $0 * 8)) }
    }
    header = length ?? header
    if !masked { return [first] + header + payload }
    header[0] |= 0x80
    return [first] + header + key + payload.enumerated().map { $1 ^ key[$0 & 3] }
}
