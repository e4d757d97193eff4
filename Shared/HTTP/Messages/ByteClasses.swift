/// The character classes of RFC 9110 and RFC 3986, as bit sets over ASCII: constants, because they are asked for every
/// byte of every head.
struct ByteClass {
    let low: UInt64
    let high: UInt64

    @inline(__always) func contains(_ byte: UInt8) -> Bool {
        byte < 128 && (byte < 64 ? low : high) >> UInt64(byte & 63) & 1 == 1
    }

    /// `tchar`: letters, digits and ``!#$%&'*+-.^_`|~``, what methods and field names are made of.
    @inline(__always) static var token: ByteClass {
        ByteClass(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe)
    }

    /// What a request target may hold: letters, digits and `!$%&'()*+,-./:;=?@_~` (RFC 3986), and `[]{}|^`, which
    /// browsers leave unescaped.
    @inline(__always) static var target: ByteClass {
        ByteClass(low: 0xafff_fff2_0000_0000, high: 0x7fff_fffe_efff_ffff)
    }

    /// `uri-host [":" port]`: letters, digits and `!$%&'()*+,-.:;=_~[]`.
    @inline(__always) static var host: ByteClass {
        ByteClass(low: 0x2fff_7ff2_0000_0000, high: 0x47ff_fffe_afff_fffe)
    }
}

extension UInt8 {
    /// The value of a hexadecimal digit.
    @inline(__always) var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    @inline(__always) var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    @inline(__always) var lowercased: UInt8 { self >= 0x41 && self <= 0x5a ? self | 0x20 : self }

    /// Allowed within a field value: everything but controls, except the tab.
    @inline(__always) var isFieldContent: Bool { self >= 0x20 ? self != 0x7f : self == 0x09 }

    @inline(__always) var isBlank: Bool { self == 0x20 || self == 0x09 }
}

extension UnsafeBufferPointer<UInt8> {
    /// ASCII comparison that ignores case; `lowercase` is in lower case.
    func equals(_ lowercase: StaticString) -> Bool {
        guard count == lowercase.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index].lowercased != lowercase.utf8Start[index] { return false }
        return true
    }

    /// Comparison byte by byte.
    func hasBytes(_ bytes: StaticString) -> Bool {
        guard count == bytes.utf8CodeUnitCount else { return false }
        for index in 0..<count where self[index] != bytes.utf8Start[index] { return false }
        return true
    }

    /// Without blanks at both ends.
    var trimmed: ByteView {
        var start = 0
        var end = count
        while start < end, self[start].isBlank { start += 1 }
        while end > start, self[end - 1].isBlank { end -= 1 }
        return view(start, end)
    }
}
