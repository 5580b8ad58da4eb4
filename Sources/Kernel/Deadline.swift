import Glibc

/// A point on the monotonic clock after which waiting ends.
package struct Deadline: Sendable {
    /// Nanoseconds of `CLOCK_MONOTONIC`; `Int64.max` never comes.
    private let nanoseconds: Int64

    /// Waits as long as it takes.
    package static var never: Deadline { Deadline(nanoseconds: .max) }

    /// Does not wait.
    package static var now: Deadline { Deadline(nanoseconds: 0) }

    /// So many milliseconds from now; a sum beyond the clock's range never comes.
    package static func after(milliseconds: Int64) -> Deadline {
        let (span, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000_000)
        let (end, overflow2) = clock().addingReportingOverflow(span)
        return overflow || overflow2 ? .never : Deadline(nanoseconds: end)
    }

    /// Whether the point is reached.
    package var hasPassed: Bool { nanoseconds != .max && Self.clock() >= nanoseconds }

    /// What is left for `poll(2)`: milliseconds rounded up, -1 for never.
    package var pollTimeout: Int32 {
        if nanoseconds == .max { return -1 }
        let left = nanoseconds == 0 ? 0 : max(0, nanoseconds - Self.clock())
        return Int32(clamping: (left + 999_999) / 1_000_000)
    }

    private static func clock() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
