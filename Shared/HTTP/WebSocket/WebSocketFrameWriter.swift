/// Writes whole frames (RFC 6455 §5.2); nothing sent from here is fragmented.
enum WebSocketFrameWriter {
    /// Appends a frame; as a client with a fresh, unpredictable mask.
    static func append(
        _ opcode: WebSocketOpcode, _ payload: some Collection<UInt8>, role: WebSocketRole, to output: inout [UInt8]
    ) {
        output.append(0x80 | opcode.rawValue)
        let count = payload.count
        let maskBit: UInt8 = role == .client ? 0x80 : 0
        if count <= 125 {
            output.append(maskBit | UInt8(count))
        } else {
            let size = count <= 0xffff ? 2 : 8
            output.append(maskBit | (size == 2 ? 126 : 127))
            for shift in stride(from: (size - 1) * 8, through: 0, by: -8) {
                output.append(UInt8(truncatingIfNeeded: count >> shift))
            }
        }
        guard role == .client else { return output.append(contentsOf: payload) }
        let mask = UInt32.random(in: 1 ... .max)
        for shift in stride(from: UInt32(0), through: 24, by: 8) {
            output.append(UInt8(truncatingIfNeeded: mask >> shift))
        }
        let start = output.count
        output.append(contentsOf: payload)
        _ = Masking.apply(mask, to: &output, from: start)
    }

    /// The payload of a close frame: the code and as much of the reason as fits, cut between characters.
    static func closePayload(_ code: WebSocketCloseCode, _ reason: String) -> [UInt8] {
        guard code != .none else { return [] }
        var payload = [UInt8(code.rawValue >> 8), UInt8(code.rawValue & 0xff)]
        for character in reason.unicodeScalars {
            let bytes = UTF8.encode(character).map(Array.init) ?? []
            guard payload.count + bytes.count <= 125 else { break }
            payload += bytes
        }
        return payload
    }
}
