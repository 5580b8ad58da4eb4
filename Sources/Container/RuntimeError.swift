package import Kernel

/// What went wrong, as the user and the engine read it.
///
/// The top of every error chain and the only error that leaves this target. Made once, by the layer
/// that knows why the failing call was made, and logged once, in the command line.
package struct RuntimeError: Error, Sendable {
    /// A stable classification, for tests and for exit statuses.
    package enum Code: String, Sendable {
        /// config.json or another document cannot be honoured.
        case invalidConfig
        /// The request makes no sense: bad ID, contradicting options.
        case invalidRequest
        /// The container does not exist.
        case notFound
        /// The ID is taken.
        case exists
        /// The container is in a state in which the operation is refused.
        case wrongState
        /// What the state directory says of the container cannot be used.
        case damaged
        /// A property that this version decodes and does not execute.
        case unsupported
        /// The kernel refused something.
        case system
        /// The container's program cannot be executed.
        case program
        /// A hook failed.
        case hook
        /// The container's init was killed before it ran its program.
        case initKilled
        /// A signal asked for the end of what was being done.
        case interrupted
    }

    /// The classification.
    package let code: Code
    /// The place in config.json, such as `mounts/3`, or empty.
    package let location: String
    /// What identifies the place for a human, such as a mount's destination; may be empty.
    package let label: String
    /// The sentence, without location, capital or full stop.
    package let message: String
    /// The failed call underneath, if one failed.
    package let underlying: SystemError?
    /// The signal that asked for the end, with `interrupted`: the exit status is 128 plus its number.
    package private(set) var signal: Int32?

    /// Describes a failure.
    package init(
        _ code: Code, _ message: String, at location: String = "", label: String = "",
        underlying: SystemError? = nil
    ) {
        self.code = code
        self.location = location
        self.label = label
        self.message = message
        self.underlying = underlying
    }
}

extension RuntimeError {
    /// A launch that a signal has ended.
    package static func interrupted(by signal: Int32) -> RuntimeError {
        var error = RuntimeError(.interrupted, "interrupted by \(Signal.name(signal))")
        error.signal = signal
        return error
    }

    /// The same error with other words.
    func reworded(_ message: String) -> RuntimeError {
        var error = RuntimeError(code, message, underlying: underlying)
        error.signal = signal
        return error
    }
}

extension RuntimeError: CustomStringConvertible {
    /// Location first, then the sentence, then the failed call:
    /// `mounts/3 (/run): cannot create tmpfs: EINVAL (fsconfig size=bad): invalid argument`.
    package var description: String {
        var text = ""
        if !location.isEmpty {
            text += label.isEmpty ? "\(location): " : "\(location) (\(label)): "
        }
        text += message
        if let underlying { text += ": \(underlying.description)" }
        return text
    }
}
