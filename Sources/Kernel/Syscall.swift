import Glibc

/// The one place through which every system call of the parent goes.
///
/// It captures `errno` in the expression that made the call, retries interrupted calls, and in debug
/// builds lets a test record the calls or force one to fail (`SyscallRecorder`).
package enum Syscall {
    /// Runs `body` and returns its result; -1 becomes the thrown error number.
    ///
    /// - Parameters:
    ///   - name: the name of the call, for the recorder.
    ///   - retry: whether an interrupted call (`EINTR`) is made again. False for `close` and for
    ///     calls with a timeout.
    /// - Throws: the error number of the call.
    @discardableResult
    @inline(__always)
    package static func call<Result: FixedWidthInteger & SignedInteger>(
        _ name: StaticString, retry: Bool = true, _ body: () -> Result
    ) throws(Errno) -> Result {
        #if DEBUG
        if let forced = SyscallRecorder.intercept(name) { throw forced }
        #endif
        while true {
            let result = body()
            if result != -1 { return result }
            let error = Errno.current
            if !retry || error != .interrupted { throw error }
        }
    }
}
