/// A failed system call with what it was applied to.
///
/// The middle of an error chain: says which call failed on what, and leaves the sentence to the
/// layer above, which knows why it was made.
package struct SystemError: Error, Equatable, Sendable {
    /// The name of the call, such as `openat2`.
    package let call: String
    /// What it was applied to: a path, an option, a number; may be empty.
    package let subject: String
    /// The error number.
    package let errno: Errno

    /// Describes a failed call.
    package init(_ call: String, _ subject: String = "", _ errno: Errno) {
        self.call = call
        self.subject = subject
        self.errno = errno
    }
}

extension SystemError: CustomStringConvertible {
    /// `EINVAL (fsconfig size=bad): invalid argument`.
    package var description: String {
        let what = subject.isEmpty ? call : "\(call) \(subject)"
        return "\(errno.name) (\(what)): \(errno.text)"
    }
}
