package import Cgroups

/// What `exec` is asked for: where, what, and what differs from the container's own process.
package struct ExecOptions: Sendable {
    /// What every failure of `exec` begins with, as runc's; containerd and CRI-O match it.
    package static let failurePrefix = "exec failed: "

    /// The container, and how the process is started: terminal, descriptors, pid file.
    package var launch: LaunchOptions
    /// The program and its arguments; not used with `processFile`.
    package var arguments: [String] = []
    /// A file with an OCI process; everything about the process comes from there then.
    package var processFile: String?
    package var cwd: String?
    /// `NAME=VALUE`, added to the container's environment.
    package var environment: [String] = []
    package var hasTerminal = false
    package var uid: UInt32?
    package var gid: UInt32?
    /// Added to the supplementary groups of the container's process.
    package var additionalGroups: [UInt32] = []
    /// Added to the capabilities of the container's process.
    package var capabilities: [String] = []
    /// Nil leaves what the configuration says.
    package var noNewPrivileges: Bool?
    package var selinuxLabel: String?
    package var apparmorProfile: String?
    /// Cgroups below the container's; a path of `/` is the container's own and no other.
    package var cgroups: [CgroupSubpath] = []
    /// Whether a paused container is no error.
    package var ignoresPause = false

    /// A command for a container, with nothing else said.
    package init(id: String) {
        launch = LaunchOptions(id: id, bundle: "")
        launch.mode = .run
    }
}
