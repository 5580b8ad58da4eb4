#if DEBUG
import Glibc

/// Records the system calls of one thread and can force one of them to fail: a test's view of
/// `Syscall.call`.
///
/// Exists in debug builds only.
package final class SyscallRecorder {
    /// The names of the calls made so far, in order.
    package private(set) var calls: [String] = []
    private var forced: [String: Errno] = [:]

    private init() {}

    /// Makes every later call of that name fail without being made.
    package func force(_ name: String, _ error: Errno) {
        forced[name] = error
    }

    /// Runs `body` with a recorder attached to the calling thread.
    package static func record<Result>(
        _ body: (SyscallRecorder) throws -> Result
    ) rethrows -> Result {
        let recorder = SyscallRecorder()
        let previous = pthread_getspecific(key)
        pthread_setspecific(key, Unmanaged.passUnretained(recorder).toOpaque())
        defer { pthread_setspecific(key, previous) }
        return try withExtendedLifetime(recorder) { try body(recorder) }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    static func intercept(_ name: StaticString) -> Errno? {
        guard let pointer = pthread_getspecific(key) else { return nil }
        let recorder = Unmanaged<SyscallRecorder>.fromOpaque(pointer).takeUnretainedValue()
        let text = name.description
        recorder.calls.append(text)
        return recorder.forced[text]
    }
}
#endif
