package import Glibc

/// Waiting for descriptors to become ready, as data: entries in, `revents` out.
package enum Poll {
    /// Waits until one of the entries is ready or the deadline passes.
    ///
    /// An interrupted wait goes on with what is left of the time. A descriptor of -1 is skipped.
    /// The corresponding C function is `poll`.
    ///
    /// - Returns: how many entries are ready; 0 when the deadline passed.
    package static func wait(
        _ entries: inout [pollfd], until deadline: Deadline = .never
    ) throws(Errno) -> Int {
        while true {
            do throws(Errno) {
                let count = try Syscall.call("poll", retry: false) {
                    poll(&entries, nfds_t(entries.count), deadline.pollTimeout)
                }
                // A timeout beyond Int32 milliseconds is waited for in several rounds.
                if count > 0 || deadline.hasPassed || deadline.pollTimeout == 0 {
                    return Int(count)
                }
            } catch .interrupted {
                continue
            }
        }
    }

    /// Waits for one descriptor to become readable (or to fail, which a read then reports).
    ///
    /// - Returns: false when the deadline passed first.
    package static func readable(
        _ descriptor: Int32, until deadline: Deadline = .never
    ) throws(Errno) -> Bool {
        var entries = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
        return try wait(&entries, until: deadline) > 0
    }
}
