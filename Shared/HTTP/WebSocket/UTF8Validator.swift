/// Checks UTF-8 as it arrives (RFC 3629): an error shows at its first byte, whatever the chopping.
struct UTF8Validator {
    private var continuations: UInt8 = 0
    private var lowest: UInt8 = 0x80
    private var highest: UInt8 = 0xbf

    /// True between characters.
    var isComplete: Bool { continuations == 0 }

    /// Takes bytes; false at the first that cannot stand there.
    mutating func accept(_ bytes: ByteView) -> Bool {
        var index = 0
        while index < bytes.count {
            if continuations == 0 {
                index = Self.skipASCII(bytes, index)
                guard index < bytes.count else { return true }
            }
            guard accept(bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func accept(_ byte: UInt8) -> Bool {
        if continuations > 0 {
            guard byte >= lowest, byte <= highest else { return false }
            continuations -= 1
            (lowest, highest) = (0x80, 0xbf)
            return true
        }
        switch byte {
        case 0x00...0x7f: break
        case 0xc2...0xdf: continuations = 1
        case 0xe0: (continuations, lowest) = (2, 0xa0)
        case 0xed: (continuations, highest) = (2, 0x9f)
        case 0xe1...0xef: continuations = 2
        case 0xf0: (continuations, lowest) = (3, 0x90)
        case 0xf1...0xf3: continuations = 3
        case 0xf4: (continuations, highest) = (3, 0x8f)
        default: return false
        }
        return true
    }

    private static func skipASCII(_ bytes: ByteView, _ start: Int) -> Int {
        let raw = UnsafeRawBufferPointer(bytes)
        var index = start
        while index + 8 <= raw.count,
            raw.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            index += 8
        }
        while index < raw.count, raw[index] < 0x80 { index += 1 }
        return index
    }
}
