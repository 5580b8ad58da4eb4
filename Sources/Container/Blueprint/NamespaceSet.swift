internal import Kernel
package import OCISpec

/// The namespaces of a container: which are new, which are joined by path, which are inherited.
package struct NamespaceSet: Equatable, Sendable {
    /// A namespace that exists already.
    package struct Joined: Equatable, Sendable {
        package var type: NamespaceType
        package var path: String
        /// Index in `linux.namespaces`.
        package var index: Int
    }

    /// CLONE_NEW* mask of the namespaces that are made.
    package private(set) var new: UInt64 = 0
    /// Namespaces to join, in the order of the configuration.
    package private(set) var joined: [Joined] = []

    /// Reads `linux.namespaces`; duplicates and relative paths are noted as errors.
    package init(_ namespaces: [Namespace], _ diagnostics: inout Diagnostics) {
        var seen: UInt64 = 0
        for (index, namespace) in namespaces.enumerated() {
            let location = "linux/namespaces/\(index)"
            let flag = namespace.type.cloneFlag
            if seen & flag != 0 {
                diagnostics.error(
                    location, "namespace type is given twice", label: namespace.type.rawValue)
                continue
            }
            seen |= flag
            guard let path = namespace.path, !path.isEmpty else {
                new |= flag
                continue
            }
            if !PathText.isAbsolute(path) {
                diagnostics.error(location + "/path", "path is not absolute: \(path)")
            }
            joined.append(Joined(type: namespace.type, path: path, index: index))
        }
    }

    /// Whether a namespace of that type is made.
    package func makes(_ type: NamespaceType) -> Bool { new & type.cloneFlag != 0 }

    /// Whether a namespace of that type is joined.
    package func joins(_ type: NamespaceType) -> Bool { joined.contains { $0.type == type } }

    /// Whether the container does not share that namespace with the host.
    package func separates(_ type: NamespaceType) -> Bool { makes(type) || joins(type) }
}

extension NamespaceType {
    /// The flag of `clone(2)`, `unshare(2)` and `setns(2)`.
    package var cloneFlag: UInt64 {
        switch self {
        case .pid: CLONE_NEWPID
        case .network: CLONE_NEWNET
        case .mount: CLONE_NEWNS
        case .ipc: CLONE_NEWIPC
        case .uts: CLONE_NEWUTS
        case .user: CLONE_NEWUSER
        case .cgroup: CLONE_NEWCGROUP
        case .time: CLONE_NEWTIME
        }
    }

    /// The name of the file under `/proc/PID/ns`, which is also how listings call it.
    package var kernelName: String {
        switch self {
        case .pid: "pid"
        case .network: "net"
        case .mount: "mnt"
        case .ipc: "ipc"
        case .uts: "uts"
        case .user: "user"
        case .cgroup: "cgroup"
        case .time: "time"
        }
    }
}
