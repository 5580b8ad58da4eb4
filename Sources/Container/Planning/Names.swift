internal import CKernel
import Glibc
internal import Kernel
internal import OCISpec

/// Kernel constants as the words that people know them by, for listings.
enum Names {
    static func list(_ words: [String]) -> String {
        words.isEmpty ? "" : "[" + words.joined(separator: ",") + "]"
    }

    static func octal(_ value: UInt32) -> String { "0" + String(value, radix: 8) }

    static func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

    /// A container's root for the in-root path `.`, otherwise the path.
    static func root(_ path: String) -> String { path == "." ? "/" : path }

    static func namespaces(_ flags: UInt64) -> String {
        let order: [NamespaceType] = [.user, .mount, .uts, .ipc, .pid, .network, .cgroup, .time]
        return order.filter { flags & $0.cloneFlag != 0 }.map(\.kernelName).joined(separator: ",")
    }

    static func propagation(_ flags: UInt64) -> String {
        let prefix = flags & MS_REC != 0 ? "r" : ""
        switch flags & ~MS_REC {
        case MS_PRIVATE: return prefix + "private"
        case MS_SLAVE: return prefix + "slave"
        case MS_SHARED: return prefix + "shared"
        default: return prefix + "unbindable"
        }
    }

    static func propagations(_ list: [UInt64]) -> [String] {
        list.filter { $0 != 0 }.map(propagation)
    }

    static func attributes(_ set: UInt64, _ clear: UInt64) -> [String] {
        let bits: [(UInt64, on: String, off: String)] = [
            (MOUNT_ATTR_RDONLY, "ro", "rw"), (MOUNT_ATTR_NOSUID, "nosuid", "suid"),
            (MOUNT_ATTR_NODEV, "nodev", "dev"), (MOUNT_ATTR_NOEXEC, "noexec", "exec"),
            (MOUNT_ATTR_NODIRATIME, "nodiratime", "diratime"),
            (MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow", "symfollow"),
            (MOUNT_ATTR_NOATIME, "noatime", ""), (MOUNT_ATTR_STRICTATIME, "strictatime", ""),
        ]
        var words: [String] = []
        for bit in bits {
            if set & bit.0 != 0 {
                words.append(bit.on)
            } else if clear & bit.0 != 0, !bit.off.isEmpty {
                words.append(bit.off)
            }
        }
        if clear & MOUNT_ATTR__ATIME != 0, set & MOUNT_ATTR__ATIME == 0 { words.append("relatime") }
        return words
    }

    static func device(_ mode: UInt32, _ number: UInt64) -> String {
        let numbers = "\(ck_major(dev_t(number))):\(ck_minor(dev_t(number)))"
        switch mode & S_IFMT {
        case S_IFIFO: return "p"
        case S_IFBLK: return "b \(numbers)"
        default: return "c \(numbers)"
        }
    }

    /// A policy as set_mempolicy(2) calls it: `bind nodes 0,1 [static]`.
    static func memoryPolicy(_ mode: UInt64, _ nodes: [UInt64]) -> String {
        let modes = [
            "default", "preferred", "bind", "interleave", "local", "preferred-many",
            "weighted-interleave",
        ]
        let number = Int(mode & 0x1fff)
        var text = number < modes.count ? modes[number] : String(number)
        let numbers = (0..<nodes.count * 64).filter { nodes[$0 / 64] & (1 << UInt64($0 % 64)) != 0 }
        if !numbers.isEmpty { text += " nodes " + numbers.map(String.init).joined(separator: ",") }
        let flags: [(UInt64, String)] = [
            (1 << 15, "static"), (1 << 14, "relative"), (1 << 13, "balancing"),
        ]
        let words = flags.filter { mode & $0.0 != 0 }.map(\.1)
        return text + (words.isEmpty ? "" : " ") + list(words)
    }

    static func mappings(_ mappings: [IDMapping]) -> String {
        mappings.map { "\($0.containerID):\($0.hostID):\($0.size)" }.joined(separator: ",")
    }

    static func offsets(_ offsets: TimeOffsets) -> String {
        var words: [String] = []
        for (name, offset) in [("monotonic", offsets.monotonic), ("boottime", offsets.boottime)] {
            if let offset { words.append("\(name) \(offset.secs ?? 0)s\(offset.nanosecs ?? 0)ns") }
        }
        return words.joined(separator: " ")
    }
}
