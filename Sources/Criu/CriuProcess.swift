import Glibc
package import Kernel

/// A running `criu swrk`: CRIU as the child of its caller, which it serves over a socket
/// (criu.org/RPC).
///
/// The end of the socket is the end of CRIU, however it came.
package final class CriuProcess {
    /// Its process id.
    package let pid: Int32
    private let child: ChildProcess
    private var socket: SeqPacketSocket?

    /// The number that `descriptors` of a start has in the new process, for its first element.
    package static var firstDescriptor: Int32 { socketNumber + 1 }
    private static var socketNumber: Int32 { 3 }
    /// Larger than any answer: the longest has one line of text.
    private static var messageLimit: Int { 65536 }

    /// Starts the program of a request, whose arguments and descriptors are set here.
    ///
    /// - Parameters:
    ///   - request: the path of CRIU, and the environment, cgroup and mount of the new process.
    ///   - standard: descriptors 0, 1 and 2.
    ///   - descriptors: from `firstDescriptor` on.
    /// - Throws: `SystemError` of the socket, the clone or the exec.
    package init(
        _ request: SpawnRequest, standard: [Int32], descriptors: [Int32] = []
    ) throws(SystemError) {
        var request = request
        var call = "socketpair"
        do throws(Errno) {
            let pair = try SeqPacketSocket.Pair()
            request.arguments = ["criu", "swrk", String(Self.socketNumber)]
            request.descriptors = standard + [pair.far.rawValue] + descriptors
            call = "execve"
            child = try request.spawn()
            pid = child.pid
            socket = pair.intoNear()
        } catch {
            throw SystemError(call, request.path, error)
        }
    }

    /// Sends a request.
    ///
    /// - Throws: `EPIPE` when CRIU is gone.
    package func send(_ request: Request) throws(Errno) {
        var failure: Errno?
        request.encoded().withUnsafeBytes { bytes in
            do throws(Errno) {
                guard let sent = try socket?.send(bytes: bytes) else { throw Errno.pipe }
                return sent
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Waits for the next message.
    ///
    /// - Parameters:
    ///   - interruption: a descriptor that ends the wait when it is readable, or -1.
    ///   - deadline: when the wait ends.
    /// - Returns: the message with the descriptor that came along, or nil when CRIU is gone.
    /// - Throws: `EPROTO` for a message that does not parse, `EINTR`, `ETIMEDOUT`.
    package func receive(
        interruption: Int32 = -1, until deadline: Deadline = .never
    ) throws(Errno) -> (response: Response, descriptor: Int32)? {
        var entries = [
            pollfd(fd: socket?.rawValue ?? -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: interruption, events: Int16(POLLIN), revents: 0),
        ]
        if try Poll.wait(&entries, until: deadline) == 0 { throw .timedOut }
        // What has come already is not lost to a signal.
        if entries[0].revents == 0 { throw .interrupted }
        var descriptor: Int32 = -1
        guard
            let bytes = try socket?.receive(limit: Self.messageLimit, descriptor: &descriptor)
        else { return nil }
        do throws(ProtobufReader.Malformed) {
            return (try Response(bytes), descriptor)
        } catch {
            if descriptor >= 0 { _ = FileDescriptor(owning: descriptor) }
            throw Errno(EPROTO)
        }
    }

    /// Ends the conversation, waits for the end of CRIU and reaps.
    package func finish() throws(Errno) -> WaitStatus {
        socket = nil
        return try child.pidfd.reap()
    }

    /// Ends it whatever it is doing, and reaps; nothing happens when it has ended.
    package func kill() {
        try? child.pidfd.signal(SIGKILL)
        _ = try? child.pidfd.reap()
    }
}
