internal import CKernel
import Glibc
internal import Kernel

/// A connection to a program that waits for one descriptor: the terminal of `--console-socket`, the
/// process of `--pidfd-socket`, the listener of a seccomp filter.
///
/// It is made before the container is, so that a wrong path costs nothing.
package struct DescriptorSender: ~Copyable {
    private let socket: FileDescriptor
    /// The option or property that named the path, and the path.
    private let location: String
    private let path: String

    /// Connects to a stream socket of the host.
    ///
    /// - Parameter location: what named it, such as `--console-socket`.
    /// - Throws: `system`.
    package static func connect(
        to path: String, for location: String
    ) throws(RuntimeError) -> DescriptorSender {
        do throws(Errno) {
            let number = try Syscall.call("connect") {
                ck_connect_unix(path, Int32(SOCK_STREAM.rawValue))
            }
            return DescriptorSender(
                socket: FileDescriptor(owning: number), location: location, path: path)
        } catch {
            throw RuntimeError(
                .system, "cannot connect to the socket", at: location,
                underlying: SystemError("connect", path, error))
        }
    }

    /// Sends one message with one descriptor and ends the connection.
    ///
    /// - Parameters:
    ///   - descriptor: stays open here.
    ///   - payload: what the receiver reads; never empty, because a stream carries no descriptor
    ///     without a byte.
    package consuming func send(_ descriptor: Int32, payload: [UInt8]) throws(RuntimeError) {
        let raw = socket.rawValue
        do throws(Errno) {
            let sent = try Syscall.call("sendmsg") {
                payload.withUnsafeBytes { bytes in
                    bytes.baseAddress.map { ck_send_fd(raw, $0, bytes.count, descriptor) } ?? 0
                }
            }
            if sent != payload.count { throw Errno(EMSGSIZE) }
        } catch {
            throw RuntimeError(
                .system, "cannot send the descriptor", at: location,
                underlying: SystemError("sendmsg", path, error))
        }
    }
}

/// Where the terminal of a container goes that runs without this process.
package struct ConsoleSocket: ~Copyable {
    private let sender: DescriptorSender

    /// Connects to the socket of `--console-socket`.
    package init(path: String) throws(RuntimeError) {
        sender = try DescriptorSender.connect(to: path, for: "--console-socket")
    }

    /// Sends the master of a pseudo-terminal, with the name of the terminal as the payload.
    package consuming func send(master: Int32, name: String) throws(RuntimeError) {
        try sender.send(master, payload: Array(name.utf8))
    }
}

/// Where the descriptor of a container's process goes (`--pidfd-socket`).
package struct PidfdSocket: ~Copyable {
    /// Which process it is; the raw value is the payload that runc's receivers know.
    package enum Kind: String, Sendable {
        /// The container's first process.
        case initial = "standard"
        /// A process that joins the container.
        case joining = "setns"
    }

    private let sender: DescriptorSender

    /// Connects to a socket.
    ///
    /// - Parameter location: what named it.
    package init(path: String, for location: String = "--pidfd-socket") throws(RuntimeError) {
        sender = try DescriptorSender.connect(to: path, for: location)
    }

    /// Sends the descriptor.
    package consuming func send(
        pidfd: Int32, _ kind: Kind
    ) throws(RuntimeError) {
        try sender.send(pidfd, payload: Array(kind.rawValue.utf8))
    }
}
