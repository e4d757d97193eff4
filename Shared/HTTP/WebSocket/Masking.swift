/// The exclusive-or that clients apply to what they send (RFC 6455 §5.3).
enum Masking {
    /// Masks or unmasks `bytes` from `start` on, eight at a time; returns the key as the bytes that follow need it.
    static func apply(_ key: UInt32, to bytes: inout [UInt8], from start: Int) -> UInt32 {
        guard key != 0 else { return 0 }
        let count = bytes.count - start
        bytes.withUnsafeMutableBytes { raw in
            var index = start
            let wide = UInt64(key) << 32 | UInt64(key)
            while index + 8 <= raw.count {
                let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                raw.storeBytes(of: word ^ wide.littleEndian, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < raw.count {
                raw[index] ^= UInt8(truncatingIfNeeded: key >> UInt32(((index - start) & 3) * 8))
                index += 1
            }
        }
        let shift = UInt32(count & 3) * 8
        return shift == 0 ? key : key >> shift | key << (32 - shift)
    }
}
