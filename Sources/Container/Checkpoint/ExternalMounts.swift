package import Cgroups
package import Criu
internal import Kernel
internal import OCISpec

/// The mounts of a container that come from the host: CRIU neither saves nor makes them, so both
/// sides name them alike.
///
/// In an image such a mount goes by its destination; a masked file by `/dev/null`, as with the
/// peers, so that images can be exchanged.
package enum ExternalMounts {
    /// Where masks come from.
    private static var null: String { "/dev/null" }

    /// The pairs for a dump: mount point in the container, and the name in the image.
    ///
    /// - Parameters:
    ///   - isFile: whether a path leads to something that is no directory, in the container.
    ///   - resolve: where a path leads to in the container. An image may have links on the way
    ///     (`/var/run`), and CRIU looks for the mount point that the kernel names.
    package static func ofDump(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord, isFile: (String) -> Bool,
        resolve: (String) -> String = { $0 }
    ) -> [RequestOptions.ExternalMount] {
        var result = sources(blueprint, cgroup).map {
            RequestOptions.ExternalMount(key: resolve($0.key), value: $0.key)
        }
        for path in blueprint.maskedPaths where isFile(path) {
            result.append(
                RequestOptions.ExternalMount(key: PathText.normalize(path), value: null))
        }
        return result
    }

    /// The pairs for a restore: the name in the image, and the path on the host.
    package static func ofRestore(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord
    ) -> [RequestOptions.ExternalMount] {
        var result = sources(blueprint, cgroup)
        if !blueprint.maskedPaths.isEmpty {
            result.append(RequestOptions.ExternalMount(key: null, value: null))
        }
        return result
    }

    /// Destinations in the container and their sources on the host.
    private static func sources(
        _ blueprint: Blueprint, _ cgroup: CgroupRecord
    ) -> [RequestOptions.ExternalMount] {
        var result: [RequestOptions.ExternalMount] = []
        for mount in blueprint.mounts {
            switch mount.kind {
            case .bind(let source):
                result.append(
                    RequestOptions.ExternalMount(key: mount.destination, value: source))
            case .cgroup:
                for place in CgroupMountPlanner.binds(mount, cgroup, blueprint) {
                    result.append(
                        RequestOptions.ExternalMount(key: place.target, value: place.source))
                }
            case .filesystem: continue
            }
        }
        for device in blueprint.devices {
            result.append(RequestOptions.ExternalMount(key: device.path, value: device.path))
        }
        return result
    }
}
