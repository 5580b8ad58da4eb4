internal import Cgroups
internal import Criu
import Glibc
internal import Kernel
internal import OCISpec

/// A running container as CRIU must be told of it: what belongs to the host and is not saved.
struct CheckpointTarget {
    private let record: ContainerRecord
    private let blueprint: Blueprint
    private let process: ProcessIdentity
    /// What descriptors 0, 1 and 2 are.
    let streams: [String]

    /// Looks at a container.
    ///
    /// - Parameter spec: its configuration, as it was accepted.
    init(_ record: ContainerRecord, _ spec: Spec) throws(RuntimeError) {
        guard let process = record.process else { throw StoredContainer.notRunning }
        self.record = record
        self.process = process
        // Accepted when the container was made; what is wrong with it today does not matter.
        var diagnostics = Diagnostics()
        blueprint = Blueprint(
            spec, options: LaunchOptions(id: record.id, bundle: record.bundle),
            facts: HostFacts.ofThisHost(needsLSM: false), &diagnostics)
        try RestoredNamespaces.check(blueprint.namespaces)
        streams = record.externalDescriptors ?? StandardStreams.names(of: "\(process.pid)")
    }

    /// Adds what depends on the container to a request.
    func describe(to request: inout RequestOptions, _ options: CheckpointOptions) {
        request.pid = process.pid
        request.root = record.rootfs
        request.configFile = CriuConfiguration.path(blueprint.annotations)
        request.freezeCgroup = freezer
        for (type, name) in ExternalNamespaces.names where blueprint.namespaces.joins(type) {
            if let inode = inode(type) {
                request.external.append("\(type.kernelName)[\(inode)]:\(name)")
            }
        }
        // The mounts are of no interest as long as only memory is written.
        guard !options.isPreDump else { return }
        request.externalMounts = ExternalMounts.ofDump(
            blueprint, record.cgroup, isFile: isFile, resolve: resolve)
    }

    /// The cgroup that CRIU stops the processes with, so that none of them can escape by forking.
    private var freezer: String? {
        let hierarchies = record.cgroup.hierarchies
        let found =
            record.cgroup.layout == .unified
            ? hierarchies.first
            : hierarchies.first { $0.controllers.split(separator: ",").contains("freezer") }
        return found?.directory
    }

    private func inode(_ type: NamespaceType) -> UInt64? {
        (try? Files.status("/proc/\(process.pid)/ns/\(type.kernelName)")).map { UInt64($0.st_ino) }
    }

    /// Where a path leads to, as the container names it; the path itself when nothing is there.
    private func resolve(_ path: String) -> String {
        let place = "/proc/\(process.pid)/root"
        guard let root = try? FileDescriptor.open(place, O_PATH),
            let target = try? FileDescriptor.open(inRoot: root, PathText.inRoot(path), O_PATH),
            let found = try? Files.readLink("/proc/self/fd/\(target.rawValue)"),
            let base = try? Files.readLink(place)
        else { return path }
        // A root that was entered by chroot is a directory of its mount namespace.
        return base != "/" && PathText.isBelow(found, base)
            ? String(found.dropFirst(base.count)) : found
    }

    /// Whether a path of the container leads to something that is no directory.
    private func isFile(_ path: String) -> Bool {
        let flags = O_PATH | O_NOFOLLOW
        guard let root = try? FileDescriptor.open("/proc/\(process.pid)/root", O_PATH),
            let file = try? FileDescriptor.open(inRoot: root, PathText.inRoot(path), flags),
            let status = try? Files.status(of: file)
        else { return false }
        return status.st_mode & S_IFMT != S_IFDIR
    }
}

/// Namespaces that are neither saved nor made, and how the image calls them, as with the peers.
enum ExternalNamespaces {
    static let names: [(type: NamespaceType, name: String)] = [
        (.network, "extRootNetNS"), (.pid, "extRootPidNS"),
    ]
}

/// CRIU's own configuration file, which overrides what is asked of it.
enum CriuConfiguration {
    /// The annotation's, else ours, else that of runc: whoever replaces runc has it already.
    ///
    /// CRIU ignores a file that is not there.
    static func path(_ annotations: [StringEntry]) -> String? {
        if let path = Annotation.criuConfig.value(in: annotations) {
            return path.isEmpty ? nil : path
        }
        let own = "/etc/criu/apus.conf"
        return Files.exists(own) ? own : "/etc/criu/runc.conf"
    }
}
