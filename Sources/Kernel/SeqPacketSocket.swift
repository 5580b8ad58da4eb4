internal import CKernel
import Glibc

/// One end of a connected pair that carries whole messages, with a descriptor each if wanted.
///
/// The end of the peer is the end of the conversation, so a process that dies is noticed.
package struct SeqPacketSocket: ~Copyable, Sendable {
    private let file: FileDescriptor

    /// The number, for `poll` and for passing to a child.
    package var rawValue: Int32 { file.rawValue }

    /// Takes ownership of an open socket.
    package init(owning rawValue: Int32) {
        file = FileDescriptor(owning: rawValue)
    }

    /// Both ends of a pair.
    package struct Pair: ~Copyable {
        /// The end that stays.
        package let near: SeqPacketSocket
        /// The end that goes to the child.
        package let far: SeqPacketSocket

        /// Makes a connected pair, both `CLOEXEC`.
        ///
        /// The corresponding C function is `socketpair`.
        package init() throws(Errno) {
            var ends: (Int32, Int32) = (-1, -1)
            let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            try Syscall.call("socketpair") {
                withUnsafeMutableBytes(of: &ends) { buffer in
                    socketpair(
                        AF_UNIX, type, 0, buffer.baseAddress?.assumingMemoryBound(to: Int32.self))
                }
            }
            near = SeqPacketSocket(owning: ends.0)
            far = SeqPacketSocket(owning: ends.1)
        }

        /// Closes the child's end here, so that the child's death is seen.
        package consuming func intoNear() -> SeqPacketSocket { near }
    }

    /// Sends one message, with a descriptor unless it is -1.
    ///
    /// - Throws: `EPIPE` or `ECONNRESET` when the peer is gone.
    package borrowing func send(
        bytes: UnsafeRawBufferPointer, descriptor: Int32 = -1
    ) throws(Errno) {
        guard let base = bytes.baseAddress else { throw .invalid }
        let raw = rawValue
        let sent = try Syscall.call("sendmsg") { ck_send_fd(raw, base, bytes.count, descriptor) }
        if sent != bytes.count { throw Errno(EMSGSIZE) }
    }

    /// Receives one message into a buffer that must have its exact size.
    ///
    /// - Parameter descriptor: becomes the descriptor that came along (`CLOEXEC`), or -1.
    /// - Returns: false at the end of the conversation.
    /// - Throws: `EMSGSIZE` for a message of another size, else the error number of `recvmsg`.
    package borrowing func receive(
        into bytes: UnsafeMutableRawBufferPointer, descriptor: inout Int32
    ) throws(Errno) -> Bool {
        guard let base = bytes.baseAddress else { throw .invalid }
        let raw = rawValue
        var passed: Int32 = -1
        let truncate = Int32(MSG_TRUNC)
        var count = 0
        do throws(Errno) {
            count = try Syscall.call("recvmsg") {
                ck_receive_fd(raw, base, bytes.count, &passed, truncate)
            }
        } catch Errno(ECONNRESET) {
            // The peer died with a message unread; for the reader that is the end as well.
            return false
        }
        if count != bytes.count {
            if passed >= 0 { close(passed) }
            if count == 0 { return false }
            throw Errno(EMSGSIZE)
        }
        descriptor = passed
        return true
    }

    /// Receives one message of any size up to a limit.
    ///
    /// - Parameter descriptor: becomes the descriptor that came along (`CLOEXEC`), or -1.
    /// - Returns: nil at the end of the conversation.
    /// - Throws: `EMSGSIZE` for a larger message, else the error number of `recvmsg`.
    package borrowing func receive(
        limit: Int, descriptor: inout Int32
    ) throws(Errno) -> [UInt8]? {
        let raw = rawValue
        var passed: Int32 = -1
        var bytes = [UInt8](repeating: 0, count: limit)
        let truncate = Int32(MSG_TRUNC)
        var count = 0
        do throws(Errno) {
            count = try Syscall.call("recvmsg") {
                bytes.withUnsafeMutableBytes { buffer in
                    buffer.baseAddress.map {
                        ck_receive_fd(raw, $0, buffer.count, &passed, truncate)
                    } ?? 0
                }
            }
        } catch Errno(ECONNRESET) {
            return nil
        }
        if count == 0 || count > limit {
            if passed >= 0 { close(passed) }
            if count == 0 { return nil }
            throw Errno(EMSGSIZE)
        }
        descriptor = passed
        bytes.removeLast(limit - count)
        return bytes
    }

    /// Sends a plain value of C as one message.
    @inlinable
    package borrowing func send<Value: BitwiseCopyable>(
        _ value: Value, descriptor: Int32 = -1
    ) throws(Errno) {
        var value = value
        try withUnsafeMutableBytes(of: &value) { (bytes) throws(Errno) in
            try send(bytes: UnsafeRawBufferPointer(bytes), descriptor: descriptor)
        }
    }

    /// Receives a plain value of C, whose current bytes are overwritten.
    ///
    /// - Returns: false at the end of the conversation.
    @inlinable
    package borrowing func receive<Value: BitwiseCopyable>(
        into value: inout Value, descriptor: inout Int32
    ) throws(Errno) -> Bool {
        try withUnsafeMutableBytes(of: &value) { (bytes) throws(Errno) in
            try receive(into: bytes, descriptor: &descriptor)
        }
    }
}
