internal import CKernel
import Glibc

/// Blocked signals of this thread, delivered as records of a descriptor.
///
/// Blocking comes first, so no signal is lost between two reads. The mask from before returns when
/// the value goes out of scope. The corresponding C function is `signalfd`.
package struct SignalDescriptor: ~Copyable {
    private let file: FileDescriptor
    private var before: sigset_t

    /// The number, for `poll`.
    package var rawValue: Int32 { file.rawValue }

    /// Blocks every signal that can be handled.
    ///
    /// A fault of this program itself ends it all the same: the kernel does not let a thread wait
    /// for such a signal.
    ///
    /// - Throws: the error number of `signalfd`.
    package init() throws(Errno) {
        var mask = sigset_t()
        sigfillset(&mask)
        try self.init(blocking: &mask)
    }

    /// Blocks some signals only.
    ///
    /// - Throws: the error number of `signalfd`.
    package init(only numbers: [Int32]) throws(Errno) {
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in numbers { sigaddset(&mask, number) }
        try self.init(blocking: &mask)
    }

    private init(blocking mask: inout sigset_t) throws(Errno) {
        var before = sigset_t()
        pthread_sigmask(SIG_BLOCK, &mask, &before)
        let number: Int32
        do throws(Errno) {
            number = try Syscall.call("signalfd4") { ck_signalfd(&mask) }
        } catch {
            pthread_sigmask(SIG_SETMASK, &before, nil)
            throw error
        }
        file = FileDescriptor(owning: number)
        self.before = before
    }

    deinit {
        var mask = before
        pthread_sigmask(SIG_SETMASK, &mask, nil)
    }

    /// The number of the next pending signal, or `nil` when there is none.
    ///
    /// Does not wait.
    ///
    /// - Throws: the error number of `read`.
    package borrowing func next() throws(Errno) -> Int32? {
        let raw = file.rawValue
        do throws(Errno) {
            return try Syscall.call("read") { ck_signalfd_next(raw) }
        } catch .again {
            return nil
        }
    }
}
