import Models

/// A moment as a calendar and a clock on the wall show it.
struct CivilTime {
    let year, month, day, hour, minute, second: Int
    /// Sunday is 0.
    let weekday: Int

    /// The proleptic Gregorian calendar; days are counted from a year that begins in March, so that the leap day comes
    /// last.
    init(_ moment: Timestamp, offset: Duration = .zero) {
        let seconds = Int((moment + offset).milliseconds.floored(to: 1000))
        let days = seconds.floored(to: 86_400)
        let shifted = days + 719_468
        let era = shifted.floored(to: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let time = seconds - days * 86_400
        (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60)
        weekday = (days + 4) - (days + 4).floored(to: 7) * 7
    }

    /// `26.04.2026, 18:30`, in Bucharest.
    static func inBucharest(_ moment: Timestamp) -> String {
        let time = CivilTime(moment, offset: bucharestOffset(at: moment))
        return "\(twoDigits(time.day)).\(twoDigits(time.month)).\(time.year), "
            + "\(twoDigits(time.hour)):\(twoDigits(time.minute))"
    }

    /// `26.04.2026`, in Bucharest.
    static func dateInBucharest(_ moment: Timestamp) -> String { String(inBucharest(moment).prefix { $0 != "," }) }

    /// The hour of the last Monday in Bucharest on which it has struck. The clocks are changed on Sundays.
    static func lastMonday(at hour: Int, before moment: Timestamp) -> Timestamp {
        let local = moment + bucharestOffset(at: moment) - .seconds(hour * 3600)
        let days = Int(local.milliseconds.floored(to: 86_400_000))
        // The first of January 1970 was a Thursday.
        let monday = Timestamp(milliseconds: Int64((days + 3).floored(to: 7) * 7 - 3) * 86_400_000)
        let wall = monday + .seconds(hour * 3600)
        return wall - bucharestOffset(at: wall - .seconds(2 * 3600))
    }

    /// `Sun, 26 Apr 2026 15:30:00 +0000` (RFC 5322, section 3.3).
    static func inHeader(_ moment: Timestamp) -> String {
        let time = CivilTime(moment)
        let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        return "\(weekdays[time.weekday]), \(twoDigits(time.day)) \(months[time.month - 1]) \(time.year) "
            + "\(twoDigits(time.hour)):\(twoDigits(time.minute)):\(twoDigits(time.second)) +0000"
    }

    /// Two hours, and three from the last Sunday of March to the last Sunday of October, 01:00 UTC both (Directive
    /// 2000/84/EC).
    private static func bucharestOffset(at moment: Timestamp) -> Duration {
        let time = CivilTime(moment)
        let isSummer: Bool
        switch time.month {
        case 4...9: isSummer = true
        case 3: isSummer = time.isAfterChange
        case 10: isSummer = !time.isAfterChange
        default: isSummer = false
        }
        return .seconds(isSummer ? 3 * 3600 : 2 * 3600)
    }

    /// In a month of 31 days: whether the last Sunday's 01:00 has come.
    private var isAfterChange: Bool {
        let sunday = day - weekday
        return weekday == 0 && day >= 25 ? hour >= 1 : sunday >= 25
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

extension BinaryInteger {
    fileprivate func floored(to divisor: Self) -> Self {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}
