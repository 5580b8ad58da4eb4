internal import CKernel
import Glibc
package import OCISpec

/// One device node to make, with mode, owner and number decided.
package struct DeviceBlueprint: Equatable, Sendable {
    /// The path in the container, absolute and normalized.
    package var path: String
    /// S_IF* and permission bits.
    package var mode: UInt32
    package var major: UInt32
    package var minor: UInt32
    package var uid: UInt32
    package var gid: UInt32
    /// The config location; `default devices` for those that every container has.
    package var location: String

    /// The number as the kernel encodes it.
    ///
    /// The corresponding C macro is `makedev`.
    package var number: UInt64 { UInt64(ck_makedev(major, minor)) }

    /// Whether it is the null device (null(4)), whatever its path.
    package var isNull: Bool { mode & S_IFMT == S_IFCHR && major == 1 && minor == 3 }

    /// Whether another entry describes the very same node.
    package func isSameNode(as other: DeviceBlueprint) -> Bool {
        path == other.path && mode & S_IFMT == other.mode & S_IFMT && number == other.number
    }

    /// A character device that every container has (runtime-spec, "Default Devices").
    private init(standard path: String, _ major: UInt32, _ minor: UInt32) {
        self.path = path
        mode = S_IFCHR | 0o666
        self.major = major
        self.minor = minor
        uid = 0
        gid = 0
        location = "linux/devices (default)"
    }

    /// null, zero, full, random, urandom and tty.
    package static let standard: [DeviceBlueprint] = [
        DeviceBlueprint(standard: "/dev/null", 1, 3),
        DeviceBlueprint(standard: "/dev/zero", 1, 5),
        DeviceBlueprint(standard: "/dev/full", 1, 7),
        DeviceBlueprint(standard: "/dev/random", 1, 8),
        DeviceBlueprint(standard: "/dev/urandom", 1, 9),
        DeviceBlueprint(standard: "/dev/tty", 5, 0),
    ]

    /// Decides one entry of `linux.devices`.
    package init(_ device: Device, index: Int, _ diagnostics: inout Diagnostics) {
        location = "linux/devices/\(index)"
        path = PathText.normalize(device.path)
        let type: UInt32 =
            switch device.type {
            case .character, .unbuffered: S_IFCHR
            case .block: S_IFBLK
            case .fifo: S_IFIFO
            }
        mode = type | (device.fileMode ?? 0o666) & 0o7777
        uid = device.uid ?? 0
        gid = device.gid ?? 0
        major = 0
        minor = 0
        if !PathText.isAbsolute(device.path) {
            diagnostics.error(location + "/path", "path is not absolute: \(device.path)")
        } else if path == "/" {
            diagnostics.error(location + "/path", "path names the root")
        }
        // (uid_t)-1 means "leave as it is" to chown(2).
        for (name, id) in [("uid", uid), ("gid", gid)] where id == .max {
            diagnostics.error(
                location + "/" + name, "\(name) 4294967295 is nobody", label: device.path)
        }
        // The bits of the type are ignored: some callers pass them on from stat(2).
        if let mode = device.fileMode, mode > 0o177777 {
            diagnostics.error(
                location + "/fileMode", "\(mode) is no file mode", label: device.path)
        }
        guard device.type != .fifo else { return }
        guard let major = device.major, let minor = device.minor else {
            diagnostics.error(
                location, "major and minor numbers are needed", label: device.path)
            return
        }
        // The kernel keeps 12 and 20 bits; more would be another device.
        guard (0...0xfff).contains(major), (0...0xf_ffff).contains(minor) else {
            diagnostics.error(
                location, "major is within 0 and 4095 and minor within 0 and 1048575",
                label: device.path)
            return
        }
        self.major = UInt32(major)
        self.minor = UInt32(minor)
    }

    /// Whether a bind mount is what is to be seen at a path in the end.
    static func isBound(_ path: String, _ mounts: [MountBlueprint]) -> Bool {
        let last = mounts.last {
            !$0.options.isRemount
                && ($0.destination == path || PathText.isBelow(path, $0.destination))
        }
        guard let last, last.destination == path, case .bind = last.kind else { return false }
        return true
    }

    /// All nodes of a container: the configured ones, and the default ones that neither they nor a
    /// bind mount replace.
    ///
    /// Two entries for one path that describe different nodes are an error.
    package static func all(
        _ devices: [Device], _ mounts: [MountBlueprint], _ diagnostics: inout Diagnostics
    ) -> [DeviceBlueprint] {
        var result: [DeviceBlueprint] = []
        for (index, device) in devices.enumerated() {
            let blueprint = DeviceBlueprint(device, index: index, &diagnostics)
            if let other = result.first(where: { $0.path == blueprint.path }) {
                if !other.isSameNode(as: blueprint) {
                    diagnostics.error(
                        blueprint.location, "conflicts with \(other.location)", label: device.path)
                }
                continue
            }
            result.append(blueprint)
        }
        let configured = result
        let missing = standard.filter { node in
            !configured.contains { $0.path == node.path } && !isBound(node.path, mounts)
        }
        return missing + configured
    }
}
