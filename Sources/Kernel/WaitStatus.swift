/// How a process ended.
package enum WaitStatus: Equatable, Sendable {
    /// It called `exit` with this status (0 to 255).
    case exited(Int32)
    /// A signal killed it, with or without a core dump.
    case signaled(Int32, core: Bool)

    /// What a shell reports: the status itself, or 128 + the signal's number.
    package var shellStatus: Int32 {
        switch self {
        case .exited(let status): status
        case .signaled(let signal, _): 128 + signal
        }
    }

    /// From the `si_code` and `si_status` of `waitid(2)`; `nil` for a child that only stopped.
    package init?(code: Int32, status: Int32) {
        switch code {
        case 1: self = .exited(status)
        case 2: self = .signaled(status, core: false)
        case 3: self = .signaled(status, core: true)
        default: return nil
        }
    }
}

extension WaitStatus: CustomStringConvertible {
    /// The words of an error message: `exited with status 3`, `killed by SIGKILL`.
    package var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .signaled(let signal, let core):
            "killed by \(Signal.name(signal))" + (core ? " (core dumped)" : "")
        }
    }
}
