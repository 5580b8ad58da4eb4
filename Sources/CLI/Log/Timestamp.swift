import Glibc

/// A moment in time, as read from the clock.
struct Timestamp: Equatable {
    /// Since 1970-01-01T00:00:00Z, without leap seconds.
    let seconds: Int64
    let nanoseconds: Int

    init(seconds: Int64, nanoseconds: Int) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: time.tv_nsec)
    }

    /// RFC 3339 in UTC with nine digits: `2026-01-02T03:04:05.000000006Z`.
    ///
    /// Computed here because gmtime_r(3) reads the time zone file of the system first.
    var rfc3339: String {
        let (year, month, day) = date
        let second = seconds - (seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)) * 86_400
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T"
            + padded(second / 3600, 2) + ":" + padded(second / 60 % 60, 2) + ":"
            + padded(second % 60, 2) + "." + padded(Int64(nanoseconds), 9) + "Z"
    }

    /// The date in the proleptic Gregorian calendar.
    ///
    /// Years begin in March here, so that the leap day is the last one and months have a regular
    /// length.
    private var date: (year: Int64, month: Int64, day: Int64) {
        let days = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0) + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

private func padded(_ number: Int64, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
}
