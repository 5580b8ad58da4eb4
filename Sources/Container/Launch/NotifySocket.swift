import Glibc
package import Kernel

/// Stands between a container's program and the service manager that `NOTIFY_SOCKET` names
/// (sd_notify(3)).
///
/// The program gets a socket of its own, so that all it can say is that it is ready: what else it
/// sends (another main process, descriptors to keep) would be taken for the runtime's word and goes
/// nowhere.
package final class NotifySocket {
    /// Where the container sees the directory of the socket.
    package static var mountPoint: String { "/run/notify" }
    /// What `NOTIFY_SOCKET` is for the program.
    package static var innerPath: String { mountPoint + "/" + name }
    /// The directory in the state directory.
    package static var directoryName: String { "notify" }
    private static var name: String { "notify.sock" }
    /// How long the manager may take to read what was sent before this process ends, as for
    /// sd_notify_barrier(3).
    private static var barrierTimeout: Int64 { 30_000 }

    private let inner: DatagramSocket
    private let manager: DatagramSocket
    private let address: String

    /// Makes the directory that the container will see.
    static func makeDirectory(in directory: borrowing StateDirectory) throws(RuntimeError) {
        let raw = directory.rawValue
        do throws(Errno) {
            try Files.makeDirectory(at: raw, directoryName, mode: 0o755)
            // Whatever the umask took away: users of the container enter it.
            try Syscall.call("fchmodat") { fchmodat(raw, directoryName, 0o755, 0) }
        } catch {
            throw failure("cannot make the directory of the socket", "mkdirat", directoryName, error)
        }
    }

    /// Removes the directory and the socket; what is not there is no error.
    static func remove(at directory: Int32) throws(Errno) {
        guard Files.exists(at: directory, directoryName) else { return }
        let path = directoryName + "/" + name
        if Files.exists(at: directory, path) { try Files.remove(at: directory, path) }
        try Files.removeDirectory(at: directory, directoryName)
    }

    /// Listens for a container, before its program runs.
    ///
    /// - Parameters:
    ///   - directory: whose container has the directory; nil comes back when it has not.
    ///   - address: the service manager's socket: a path, or `@` and an abstract name.
    /// - Throws: `system`: the service manager cannot be reached, or the socket cannot be made.
    init?(
        in directory: borrowing StateDirectory, address: String
    ) throws(RuntimeError) {
        guard Files.exists(at: directory.rawValue, Self.directoryName) else { return nil }
        var call = "openat"
        do throws(Errno) {
            let flags = O_PATH | O_DIRECTORY | O_NOFOLLOW
            let place = try FileDescriptor.open(
                at: directory.rawValue, Self.directoryName, flags)
            call = "unlinkat"
            // Left by a start that failed.
            do throws(Errno) { try Files.remove(at: place.rawValue, Self.name) } catch .noEntry {}
            call = "bind"
            inner = try DatagramSocket.bind(at: place.rawValue, Self.name)
        } catch {
            throw Self.failure("cannot make a socket for the container", call, Self.name, error)
        }
        do throws(Errno) { manager = try DatagramSocket.connect(to: address) } catch {
            throw Self.failure("cannot reach the service manager", "connect", address, error)
        }
        self.address = address
    }

    /// The number, for `poll`.
    package var rawValue: Int32 { inner.rawValue }

    /// Takes what the program has said by now.
    ///
    /// - Returns: whether it is ready.
    package func takeReady() throws(Errno) -> Bool {
        // The bound is against a program that sends without end; poll comes back for the rest.
        for _ in 0..<64 {
            guard let message = try inner.receive() else { return false }
            if Self.saysReady(message) { return true }
        }
        return false
    }

    /// Whether a message has a line that is `READY=1`.
    package static func saysReady(_ message: [UInt8]) -> Bool {
        message.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("READY=1".utf8) }
    }

    /// Tells the service manager that the container is ready and which process to watch.
    ///
    /// In one message: from a process that is not the main one, a second might be refused.
    package func announce(pid: Int32) throws(Errno) {
        try manager.send("MAINPID=\(pid)\nREADY=1")
    }

    /// Waits until the program is ready, then tells the service manager and waits until it has
    /// read that: afterwards this process may end.
    ///
    /// A program that ends before it is ready is no error; its status says enough.
    ///
    /// - Throws: `system`: the service manager does not take the message.
    package func wait(for process: borrowing Pidfd, pid: Int32) throws(RuntimeError) {
        var call = "poll"
        do throws(Errno) {
            guard try waitReady(process) else { return }
            call = "sendmsg"
            try announce(pid: pid)
            try barrier()
        } catch {
            throw Self.failure("cannot tell that the container is ready", call, address, error)
        }
    }

    private func waitReady(_ process: borrowing Pidfd) throws(Errno) -> Bool {
        var entries = [
            pollfd(fd: inner.rawValue, events: Int16(POLLIN), revents: 0),
            pollfd(fd: process.rawValue, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            _ = try Poll.wait(&entries)
            if try takeReady() { return true }
            if entries[0].revents == 0, entries[1].revents != 0 { return false }
        }
    }

    /// The manager closes the descriptor when it has handled everything before it.
    private func barrier() throws(Errno) {
        let pipe = try Pipe()
        try manager.send("BARRIER=1", descriptor: pipe.writer.rawValue)
        let reader = pipe.intoReader()
        _ = try Poll.readable(reader.rawValue, until: .after(milliseconds: Self.barrierTimeout))
    }

    private static func failure(
        _ what: String, _ call: String, _ detail: String, _ error: Errno
    ) -> RuntimeError {
        RuntimeError(
            .system, what, at: "NOTIFY_SOCKET", underlying: SystemError(call, detail, error))
    }
}

extension NotifySocket {
    /// The service manager's address from an environment, or nil where there is none that
    /// sd_notify(3) knows as a unix socket.
    package static func address(_ value: String?) -> String? {
        guard let value, value.utf8.count > 1,
            value.utf8.first == UInt8(ascii: "/") || value.utf8.first == UInt8(ascii: "@")
        else { return nil }
        return value
    }
}
