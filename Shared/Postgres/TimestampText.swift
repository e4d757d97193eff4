/// The text form of `timestamptz` under `DateStyle = ISO, TimeZone = UTC`, as milliseconds since 1970.
enum TimestampText {
    /// `2026-04-09 08:10:00[.fraction]+00`; nil for anything else, infinity and years before 1 or after 9999 included.
    static func milliseconds(of text: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard text.count >= 22, text[4] == 45, text[7] == 45, text[10] == 32, text[13] == 58, text[16] == 58 else {
            return nil
        }
        var valid = true
        func number(_ start: Int, _ count: Int) -> Int {
            var value = 0
            for index in start..<start + count {
                let digit = Int(text[index]) - 48
                if digit < 0 || digit > 9 { valid = false }
                value = value * 10 + digit
            }
            return value
        }
        let day = days(year: number(0, 4), month: number(5, 2), day: number(8, 2))
        var milliseconds = ((day * 24 + number(11, 2)) * 60 + number(14, 2)) * 60_000 + number(17, 2) * 1000
        var index = 19
        if text[index] == 46 {
            index += 1
            var unit = 100
            while index < text.count, text[index] >= 48, text[index] <= 57 {
                milliseconds += (Int(text[index]) - 48) * unit
                unit /= 10
                index += 1
            }
        }
        guard valid, text.count == index + 3, text[index] == 43, number(index + 1, 2) == 0 else { return nil }
        return Int64(milliseconds)
    }

    /// Days from 1970-01-01 in the proleptic Gregorian calendar.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
