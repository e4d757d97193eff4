import FoundationEssentials

/// What can be read from a column in text format.
package protocol PostgresReadable {
    /// The value that the text stands for, nil when it stands for none.
    init?(postgresBytes: UnsafeBufferPointer<UInt8>)
}

extension String: PostgresReadable {
    /// The text as it is; any column type can be read so.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) { self.init(decoding: postgresBytes, as: UTF8.self) }
}

extension Int64: PostgresReadable {
    /// Decimal digits with an optional minus sign.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        guard !postgresBytes.isEmpty else { return nil }
        let isNegative = postgresBytes[0] == UInt8(ascii: "-")
        guard postgresBytes.count > (isNegative ? 1 : 0) else { return nil }
        var value: Int64 = 0
        for byte in postgresBytes.dropFirst(isNegative ? 1 : 0) {
            guard byte >= 48, byte <= 57 else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            // Counted below zero, because the smallest number has no positive counterpart.
            let (difference, underflow) = product.subtractingReportingOverflow(Int64(byte - 48))
            guard !overflow, !underflow else { return nil }
            value = difference
        }
        guard isNegative || value != .min else { return nil }
        self = isNegative ? value : -value
    }
}

extension Int: PostgresReadable {
    /// Decimal digits with an optional minus sign.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        guard let value = Int64(postgresBytes: postgresBytes) else { return nil }
        self.init(value)
    }
}

extension Bool: PostgresReadable {
    /// `t` or `f`.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        switch postgresBytes.count == 1 ? postgresBytes[0] : 0 {
        case UInt8(ascii: "t"): self = true
        case UInt8(ascii: "f"): self = false
        default: return nil
        }
    }
}

extension Decimal: PostgresReadable {
    /// A `numeric`; NaN and infinities are refused.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        guard let last = postgresBytes.last, last >= 48, last <= 57 else { return nil }
        self.init(string: String(decoding: postgresBytes, as: UTF8.self))
    }
}

extension Array: PostgresReadable where Element: PostgresReadable {
    /// A one-dimensional array without NULL elements.
    package init?(postgresBytes: UnsafeBufferPointer<UInt8>) {
        guard let elements = ArrayText.elements(of: postgresBytes) else { return nil }
        self = []
        reserveCapacity(elements.count)
        for element in elements {
            guard let value = element.withUnsafeBufferPointer({ Element(postgresBytes: $0) }) else { return nil }
            append(value)
        }
    }
}
