package import Kernel

/// Why a cgroup could not be made, limited, entered or removed.
package struct CgroupError: Error, Equatable, Sendable {
    /// The sentence, without capital, full stop, place or errno.
    package var message: String
    /// The place in config.json at fault, such as `linux/resources/memory/limit`.
    package var property: String?
    /// The call that failed, when one did.
    package var cause: SystemError?

    /// Describes a failure.
    package init(_ message: String, property: String? = nil, cause: SystemError? = nil) {
        self.message = message
        self.property = property
        self.cause = cause
    }
}

extension CgroupError: CustomStringConvertible {
    /// Place, sentence and call: `linux/resources/pids/limit: cannot write 5: EINVAL (write ...): ...`.
    package var description: String {
        var text = message
        if let property { text = "\(property): \(text)" }
        if let cause { text += ": \(cause)" }
        return text
    }
}
