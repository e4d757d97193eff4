/// Date-times as text: RFC 3339, proleptic Gregorian, in milliseconds since 1970 UTC; no leap seconds.
package enum RFC3339 {
    /// The instant that a text names.
    ///
    /// Also takes a date alone (its midnight) and a date-time without offset, both read as UTC. Digits beyond the
    /// millisecond are cut off.
    /// - Returns: nil when the text is neither, names a day or a time that does not exist, or lies outside the years
    ///   1 to 9999, in UTC: no database takes those.
    package static func milliseconds(from text: String) -> Int64? {
        var scanner = Scanner(bytes: Array(text.utf8.prefix(64)))
        guard text.utf8.count < 64, let year = scanner.digits(4), scanner.skip("-"), let month = scanner.digits(2),
            scanner.skip("-"), let day = scanner.digits(2), (1...12).contains(month),
            day >= 1, day <= lastDay(of: month, in: year)
        else { return nil }
        let midnight = days(year: year, month: month, day: day) * 86_400_000
        if scanner.isAtEnd { return range.contains(midnight) ? midnight : nil }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "), let hour = scanner.digits(2),
            scanner.skip(":"), let minute = scanner.digits(2), scanner.skip(":"), let second = scanner.digits(2),
            hour < 24, minute < 60, second < 60, let fraction = scanner.fraction(), let offset = scanner.offset(),
            scanner.isAtEnd
        else { return nil }
        let instant = midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction
        return range.contains(instant) ? instant : nil
    }

    /// The instants of the years 1 to 9999, in milliseconds since 1970.
    package static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    /// The instant as `2026-04-09T08:10:00.000Z`; years outside 1–9999 are clamped.
    package static func text(milliseconds: Int64) -> String {
        let instant = min(max(milliseconds, range.lowerBound), range.upperBound)
        let day = instant.quotient(flooring: 86_400_000)
        let (year, month, dayOfMonth) = date(days: day)
        var time = instant - day * 86_400_000
        var digits: [UInt8] = []
        digits.reserveCapacity(24)
        func append(_ value: Int64, _ width: Int, _ separator: UInt8) {
            var divisor: Int64 = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                digits.append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
                divisor /= 10
            }
            digits.append(separator)
        }
        append(year, 4, UInt8(ascii: "-"))
        append(month, 2, UInt8(ascii: "-"))
        append(dayOfMonth, 2, UInt8(ascii: "T"))
        append(time / 3_600_000, 2, UInt8(ascii: ":"))
        time %= 3_600_000
        append(time / 60_000, 2, UInt8(ascii: ":"))
        time %= 60_000
        append(time / 1000, 2, UInt8(ascii: "."))
        append(time % 1000, 3, UInt8(ascii: "Z"))
        return String(decoding: digits, as: UTF8.self)
    }

    private static func lastDay(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01, counted from March so that the leap day ends a year.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.quotient(flooring: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.quotient(flooring: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = yearOfEra + era * 400
        return (month < 10 ? year : year + 1, month < 10 ? month + 3 : month - 9, dayOfYear - (153 * month + 2) / 5 + 1)
    }
}

extension RFC3339 {
    private struct Scanner {
        let bytes: [UInt8]
        var position = 0
        var isAtEnd: Bool { position == bytes.count }

        init(bytes: [UInt8]) {
            self.bytes = bytes
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard !isAtEnd, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        mutating func digits(_ count: Int) -> Int64? {
            guard position + count <= bytes.count else { return nil }
            var value: Int64 = 0
            for _ in 0..<count {
                guard bytes[position].isDigit else { return nil }
                value = value * 10 + Int64(bytes[position] - UInt8(ascii: "0"))
                position += 1
            }
            return value
        }

        /// Milliseconds after the second; 0 without a fraction, nil for a point without digits.
        mutating func fraction() -> Int64? {
            guard skip(".") else { return 0 }
            var milliseconds: Int64 = 0
            var weight: Int64 = 100
            let start = position
            while let digit = digits(1) {
                milliseconds += digit * weight
                weight /= 10
            }
            return position > start ? milliseconds : nil
        }

        /// Minutes east of UTC; 0 when none is written, nil for a malformed one.
        mutating func offset() -> Int64? {
            if isAtEnd || skip("Z") || skip("z") { return 0 }
            let sign: Int64 = skip("-") ? -1 : 1
            guard sign < 0 || skip("+"), let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24,
                minutes < 60
            else { return nil }
            return sign * (hours * 60 + minutes)
        }
    }
}

extension Int64 {
    fileprivate func quotient(flooring divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : -((-self + divisor - 1) / divisor)
    }
}
