internal import CKernel
import Glibc

/// A unix socket that carries messages of any size, each on its own (`SOCK_DGRAM`).
package struct DatagramSocket: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// The number, for `poll`.
    package var rawValue: Int32 { file.rawValue }

    private init(owning rawValue: Int32) {
        file = FileDescriptor(owning: rawValue)
    }

    private static var type: Int32 { Int32(SOCK_DGRAM.rawValue) }

    /// Connects to a path, or with `@` in front to a name of the abstract namespace (unix(7)).
    ///
    /// - Throws: the error number of `connect`.
    package static func connect(to address: String) throws(Errno) -> DatagramSocket {
        let type = type
        let isAbstract = address.utf8.first == UInt8(ascii: "@")
        let name = isAbstract ? String(Substring(address.utf8.dropFirst())) : address
        return DatagramSocket(
            owning: try Syscall.call("connect") {
                isAbstract ? ck_connect_abstract(name, type) : ck_connect_unix(name, type)
            })
    }

    /// Binds a new socket to a name in a directory; whoever sees it there may send to it.
    ///
    /// - Throws: the error number of `bind` or `fchmodat`.
    package static func bind(at directory: Int32, _ name: String) throws(Errno) -> DatagramSocket {
        let type = type
        let socket = DatagramSocket(
            owning: try Syscall.call("bind") { ck_bind_unix(directory, name, type) })
        // Whatever the umask took away.
        try Syscall.call("fchmodat") { fchmodat(directory, name, 0o777, 0) }
        return socket
    }

    /// Sends one message, with a descriptor unless it is -1.
    ///
    /// - Throws: the error number of `sendmsg`.
    package borrowing func send(_ text: String, descriptor: Int32 = -1) throws(Errno) {
        let raw = rawValue
        let bytes = Array(text.utf8)
        try Syscall.call("sendmsg") {
            bytes.withUnsafeBytes { buffer in
                buffer.baseAddress.map { ck_send_fd(raw, $0, buffer.count, descriptor) } ?? 0
            }
        }
    }

    /// Takes one message without waiting; descriptors that came along are closed.
    ///
    /// - Parameter limit: how many bytes are kept of it.
    /// - Returns: nil when there is none now.
    package borrowing func receive(limit: Int = 4096) throws(Errno) -> [UInt8]? {
        let raw = rawValue
        var bytes = [UInt8](repeating: 0, count: limit)
        var passed: Int32 = -1
        let flags = Int32(MSG_DONTWAIT)
        do throws(Errno) {
            let count = try Syscall.call("recvmsg") {
                bytes.withUnsafeMutableBytes { buffer in
                    buffer.baseAddress.map {
                        ck_receive_fd(raw, $0, buffer.count, &passed, flags)
                    } ?? 0
                }
            }
            if passed >= 0 { close(passed) }
            bytes.removeLast(limit - count)
            return bytes
        } catch .again {
            return nil
        }
    }
}
