/// What the caller asks for besides the configuration.
package struct LaunchOptions: Equatable, Sendable {
    /// Whether the program waits for `start`, or runs at once.
    package enum Mode: Equatable, Sendable { case create, run }

    /// The container's ID.
    package var id: String
    /// The absolute path of the bundle.
    package var bundle: String
    package var mode = Mode.create
    /// Leave the terminal and the caller alone after the start (`run --detach`).
    package var isDetached = false
    /// MS_MOVE and chroot in place of pivot_root (`--no-pivot`), for a root on a ramfs.
    package var avoidsPivot = false
    /// Keep the caller's session keyring (`--no-new-keyring`).
    package var keepsKeyring = false
    /// Descriptors from 3 that the program keeps (`--preserve-fds`), besides LISTEN_FDS.
    package var preservedFDs = 0
    /// AF_UNIX socket that receives the terminal (`--console-socket`).
    package var consoleSocket: String?
    /// AF_UNIX socket that receives the pidfd (`--pidfd-socket`).
    package var pidfdSocket: String?
    /// File for the pid (`--pid-file`), as the caller wrote it.
    package var pidFile: String?
    /// The caller's `NOTIFY_SOCKET`: the program tells there, through us, that it is ready.
    package var notifyAddress: String?
    /// The host's directory of the socket that the program gets for that.
    package var notifyDirectory: String?
    /// Keep the state and the cgroup after a foreground run (`--keep`).
    package var keepsState = false
    /// Do not become a subreaper for a foreground run (`--no-subreaper`).
    package var avoidsSubreaper = false
    /// Do exactly what the specification says where engines expect otherwise (`--strict`).
    package var isStrict = false
    /// Record how long each operation takes.
    package var isTraced = false

    /// The usual options for a container.
    package init(id: String, bundle: String) {
        self.id = id
        self.bundle = bundle
    }
}
