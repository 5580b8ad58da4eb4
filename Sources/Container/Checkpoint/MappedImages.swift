import Glibc
internal import Kernel
internal import OCISpec

/// Shows images to the processes of a user namespace: they read them themselves, as the namespace's
/// root, to whom nothing of the directory belongs.
///
/// They get the directory through a mount with mapped ids (mount_setattr(2)); the files on the disk
/// stay as they are.
enum MappedImages {
    /// The directory as the container's root may read it, or nil where it is that already.
    ///
    /// - Throws: `system` at `--image-path` where the file system cannot map ids.
    static func open(
        _ path: String, _ images: borrowing FileDescriptor, for blueprint: Blueprint
    ) throws(RuntimeError) -> FileDescriptor? {
        guard let namespace = try userNamespace(of: blueprint) else { return nil }
        var call = "fstat"
        do throws(Errno) {
            let owner = try Files.status(of: images).st_uid
            if owner == IDMappingRules.hostID(0, blueprint.uidMappings) { return nil }
            call = "open_tree"
            let tree = try MountTree.clone(path, recursive: false)
            call = "mount_setattr"
            try tree.mapIDs(namespace)
            call = "openat"
            return try FileDescriptor.open(at: tree.rawValue, ".", O_RDONLY | O_DIRECTORY)
        } catch {
            throw RuntimeError(
                .system, "cannot show the images to the container's user namespace",
                at: "--image-path", underlying: SystemError(call, path, error))
        }
    }

    private static func userNamespace(
        of blueprint: Blueprint
    ) throws(RuntimeError) -> FileDescriptor? {
        guard blueprint.namespaces.makes(.user) else { return nil }
        do throws(SystemError) {
            return try UserNamespace.create(
                uidMap: IDMapper.text(blueprint.uidMappings),
                gidMap: IDMapper.text(blueprint.gidMappings), procFS: ProcFS.open())
        } catch {
            throw RuntimeError(
                .system, "cannot make a user namespace for the images", at: "--image-path",
                underlying: error)
        }
    }
}
