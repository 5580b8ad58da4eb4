internal import CKernel
import Glibc

/// What the caller of this program left open besides the standard descriptors.
package enum InheritedDescriptors {
    /// Keeps them from every program that this one starts, unless they are handed over by number,
    /// and counts those that follow each other from 3.
    ///
    /// Called once, before anything is opened. The corresponding C function is `close_range` with
    /// `CLOSE_RANGE_CLOEXEC` (Linux 5.11); an older kernel leaves them as they are.
    package static func seal() -> Int {
        let closeOnExec: UInt32 = 1 << 2
        _ = ck_close_range(3, .max, closeOnExec)
        var count = 0
        while ck_fcntl(Int32(3 + count), F_GETFD, 0) >= 0 { count += 1 }
        return count
    }
}
