internal import CKernel
package import Glibc

/// Terminals of the host: sizes and raw mode.
package enum Terminal {
    /// Whether a descriptor is a terminal.
    ///
    /// The corresponding C function is `isatty`.
    package static func isTerminal(_ descriptor: Int32) -> Bool {
        isatty(descriptor) == 1
    }

    /// Rows and columns.
    ///
    /// The corresponding request is `TIOCGWINSZ`.
    package static func size(_ descriptor: Int32) throws(Errno) -> winsize {
        var size = winsize()
        try Syscall.call("ioctl") { ck_ioctl_pointer(descriptor, UInt(TIOCGWINSZ), &size) }
        return size
    }

    /// Changes rows and columns; the programs on the terminal get `SIGWINCH`.
    ///
    /// The corresponding request is `TIOCSWINSZ`.
    package static func setSize(_ descriptor: Int32, _ size: winsize) throws(Errno) {
        var size = size
        try Syscall.call("ioctl") { ck_ioctl_pointer(descriptor, UInt(TIOCSWINSZ), &size) }
    }

    /// Opens the other side of a master, without a path.
    ///
    /// The corresponding request is `TIOCGPTPEER`, Linux 4.13.
    package static func openPeer(
        of master: borrowing FileDescriptor
    ) throws(Errno) -> FileDescriptor {
        let raw = master.rawValue
        let request: UInt = 0x5441
        let flags = UInt(O_RDWR | O_NOCTTY | O_CLOEXEC)
        return FileDescriptor(owning: try Syscall.call("ioctl") { ck_ioctl(raw, request, flags) })
    }
}

/// A terminal in raw mode until the value goes out of scope.
///
/// Every key goes to the reader as it is. Output processing stays on: the container's terminal
/// leaves `\n` alone, and this one makes `\r\n` of it.
package struct RawMode: ~Copyable {
    private let descriptor: Int32
    private let before: termios

    /// Switches a terminal, which must stay open, to raw mode.
    ///
    /// - Throws: the error number of `tcgetattr` or `tcsetattr`.
    package init(_ descriptor: Int32) throws(Errno) {
        var attributes = termios()
        try Syscall.call("tcgetattr") { tcgetattr(descriptor, &attributes) }
        var raw = attributes
        cfmakeraw(&raw)
        raw.c_oflag |= tcflag_t(OPOST)
        try Syscall.call("tcsetattr") { tcsetattr(descriptor, TCSANOW, &raw) }
        self.descriptor = descriptor
        before = attributes
    }

    deinit {
        var attributes = before
        // A background process group would be stopped by SIGTTOU here; the caller blocks signals.
        tcsetattr(descriptor, TCSANOW, &attributes)
    }
}
