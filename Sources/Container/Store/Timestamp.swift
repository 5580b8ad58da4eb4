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
    package static func format(_ time: timespec) -> String {
        var seconds = time.tv_sec
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var text = digits(Int(parts.tm_year) + 1900, 4)
        text += "-" + digits(Int(parts.tm_mon) + 1, 2) + "-" + digits(Int(parts.tm_mday), 2)
        text += "T" + digits(Int(parts.tm_hour), 2) + ":" + digits(Int(parts.tm_min), 2)
        text += ":" + digits(Int(parts.tm_sec), 2)
        if time.tv_nsec > 0 {
            var fraction = digits(time.tv_nsec, 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
            text += "." + fraction
        }
        return text + "Z"
    }

    private static func digits(_ value: Int, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
