import Glibc

/// A point in time on the clock that nobody sets (`CLOCK_MONOTONIC`).
package struct MonotonicTime: Sendable {
    private let nanoseconds: UInt64

    /// This moment.
    ///
    /// The corresponding C function is `clock_gettime`.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(
            nanoseconds: UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec))
    }

    /// Nanoseconds from then to now.
    package var nanosecondsUntilNow: UInt64 { Self.now.nanoseconds - nanoseconds }
}
