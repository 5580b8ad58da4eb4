internal import CKernel
import Glibc

extension Pidfd {
    /// How a process ended that is no child of ours; `nil` where nobody says.
    ///
    /// A zombie's status is the last field of `/proc/PID/stat` (proc(5); readable with ptrace
    /// rights). Once it is reaped, the kernel keeps the status for descriptors that were open before
    /// (PIDFD_GET_INFO with PIDFD_INFO_EXIT, Linux 6.15).
    ///
    /// - Parameter identity: the process that the descriptor was opened for.
    package borrowing func foreignStatus(_ identity: ProcessIdentity) -> WaitStatus? {
        if let status = exitInformation() { return status }
        if let code = identity.zombieStatus() { return WaitStatus(waitCode: code) }
        // Reaped between the two looks.
        return exitInformation()
    }

    private borrowing func exitInformation() -> WaitStatus? {
        var code: Int32 = 0
        guard ck_pidfd_exit_code(rawValue, &code) == 0 else { return nil }
        return WaitStatus(waitCode: code)
    }
}

extension WaitStatus {
    /// From the status word of `wait(2)`: the signal in the low seven bits, or the exit status above
    /// them.
    package init(waitCode code: Int32) {
        let signal = code & 0x7f
        if signal == 0 {
            self = .exited(code >> 8 & 0xff)
        } else {
            self = .signaled(signal, core: code & 0x80 != 0)
        }
    }
}

extension ProcessIdentity {
    /// The status word of a process that has exited and was not reaped; `nil` for any other.
    fileprivate func zombieStatus() -> Int32? {
        guard let text = try? Files.readText("/proc/\(pid)/stat"),
            let name = text.utf8.lastIndex(of: UInt8(ascii: ")"))
        else { return nil }
        // The state is field 3, the start time 22 and the status 52.
        let fields = text[text.utf8.index(after: name)...].split { $0 == " " || $0 == "\n" }
        guard fields.count >= 50, fields[0] == "Z" || fields[0] == "X",
            UInt64(fields[19]) == startTime
        else { return nil }
        return Int32(fields[49])
    }
}
