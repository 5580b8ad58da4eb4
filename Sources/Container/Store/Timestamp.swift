package import Glibc

/// Times as runtimes print them.
package enum Timestamp {
    /// The time now: RFC 3339 in UTC with nanoseconds, without trailing zeros of the fraction.
    package static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return format(time)
    }

    /// A time in that form: `2025-01-31T08:09:10.1203Z`.
    ///
    /// Computed here because gmtime_r(3) reads the time zone file of the system first.
    package static func format(_ time: timespec) -> String {
        let secondsOfDay = 86_400
        let days = (time.tv_sec - modulo(time.tv_sec, secondsOfDay)) / secondsOfDay
        let second = modulo(time.tv_sec, secondsOfDay)
        let (year, month, day) = date(days)
        var text = digits(year, 4) + "-" + digits(month, 2) + "-" + digits(day, 2)
        text += "T" + digits(second / 3600, 2) + ":" + digits(second / 60 % 60, 2)
        text += ":" + digits(second % 60, 2)
        if time.tv_nsec > 0 {
            var fraction = digits(time.tv_nsec, 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return text + "Z"
    }

    /// The date in the Gregorian calendar, so many days after 1970-01-01.
    ///
    /// Years begin in March here, so that the leap day is the last one and months have a regular
    /// length; 400 of them make an era, which always has as many days.
    private static func date(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let daysOfEra = 146_097
        let fromMarch = days + 719_468
        let dayOfEra = modulo(fromMarch, daysOfEra)
        let era = (fromMarch - dayOfEra) / daysOfEra
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The remainder that is never negative.
    private static func modulo(_ value: Int, _ divisor: Int) -> Int {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
