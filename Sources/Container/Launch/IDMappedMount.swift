import Glibc
internal import Kernel
internal import OCISpec

/// Shows the owners of a mount's files through the mappings of a user namespace
/// (mount_setattr(2), "ID-mapped mounts").
enum IDMappedMount {
    /// Maps a tree that nobody sees yet.
    static func map(
        _ tree: borrowing MountTree, _ idmap: HostStep.IDMap, source: String, _ step: Plan.Step
    ) throws(RuntimeError) {
        let namespace = try openNamespace(idmap.source, step)
        do throws(Errno) {
            try tree.mapIDs(namespace, recursive: idmap.isRecursive)
        } catch {
            throw RuntimeError(
                .system, "cannot map the ids of \(source)\(reason(error))", at: step.origin,
                label: step.label, underlying: SystemError("mount_setattr", "idmap", error))
        }
    }

    /// The kernel has one number for many causes; these are the usual ones.
    private static func reason(_ error: Errno) -> String {
        switch error {
        case .invalid: " (its file system cannot map ids, or the kernel is older than 5.12)"
        case .notPermitted:
            " (it is mapped already, or the file system belongs to a user namespace)"
        default: ""
        }
    }

    private static func openNamespace(
        _ source: HostStep.IDMap.Source, _ step: Plan.Step
    ) throws(RuntimeError) -> FileDescriptor {
        switch source {
        case .mappings(let uid, let gid):
            do throws(SystemError) {
                return try UserNamespace.create(
                    uidMap: IDMapper.text(uid), gidMap: IDMapper.text(gid), procFS: ProcFS.open())
            } catch {
                throw RuntimeError(
                    .system, "cannot make a user namespace for the mappings", at: step.origin,
                    label: step.label, underlying: error)
            }
        case .namespace(let path):
            do throws(Errno) { return try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK) } catch {
                throw RuntimeError(
                    .system, "cannot open the user namespace", at: step.origin, label: step.label,
                    underlying: SystemError("openat", path, error))
            }
        }
    }
}
