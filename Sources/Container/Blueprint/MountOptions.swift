internal import Kernel

/// What the options of one mount ask for, sorted by the kernel interface that grants it.
///
/// Options are those of the runtime-spec's table ("Linux mount options"); what is not in the table
/// is data for the file system.
package struct MountOptions: Equatable, Sendable {
    /// A set of attributes to turn on and off, as for `mount_setattr(2)`.
    package struct Attributes: Equatable, Sendable {
        package var set: UInt64 = 0
        package var clear: UInt64 = 0

        package var isEmpty: Bool { self.set == 0 && self.clear == 0 }

        mutating func apply(_ flag: UInt64, on: Bool) {
            if on {
                set |= flag
                clear &= ~flag
            } else {
                clear |= flag
                set &= ~flag
            }
        }

        /// The access-time modes are one field of the attributes, not bits: the field is cleared
        /// and one value is set (mount_setattr(2), "MOUNT_ATTR__ATIME").
        mutating func applyAccessTime(_ mode: UInt64) {
            set &= ~MOUNT_ATTR__ATIME
            set |= mode
            clear |= MOUNT_ATTR__ATIME
        }

        /// Takes one mode back, as `atime` does with `noatime`: another one that was asked for
        /// stays.
        mutating func leaveAccessTime(_ mode: UInt64, for other: UInt64) {
            let isDecided = clear & MOUNT_ATTR__ATIME != 0
            if !isDecided || set & MOUNT_ATTR__ATIME == mode { applyAccessTime(other) }
        }

        /// Whether the access-time mode is decided, and is the kernel's usual one.
        var isRelatime: Bool {
            clear & MOUNT_ATTR__ATIME != 0 && set & MOUNT_ATTR__ATIME == MOUNT_ATTR_RELATIME
        }
    }

    /// Whether the mount is a bind, and of the whole tree.
    package enum Bind: Equatable, Sendable { case no, single, recursive }

    /// Whether ids are mapped, and of the whole tree.
    package enum IDMap: Equatable, Sendable { case no, single, recursive }

    package var bind = Bind.no
    package var idmap = IDMap.no
    package var isRemount = false
    package var copiesUp = false
    /// Attributes of this mount.
    package var attributes = Attributes()
    /// Attributes of this mount and all below it (the `r*` options).
    package var recursive = Attributes()
    /// MS_* propagation type, with MS_REC for the recursive ones; 0 when none is asked for.
    package var propagation: UInt64 = 0
    /// Flags of the superblock by their `fsconfig(2)` names, such as `sync`.
    package var superblock: [String] = []
    /// Flags that only `mount(2)` knows: MS_I_VERSION, MS_POSIXACL, MS_SILENT.
    package var legacy: UInt64 = 0
    /// Whether access control lists are not wanted: no flag says so, only an option of some file
    /// systems.
    package var refusesACL = false
    /// Options for the file system.
    package var data: [String] = []

    /// Sorts the options of a mount.
    package init(_ options: [String]) {
        for option in options where !option.isEmpty {
            if !applyCommon(option) && !applyAccessTime(option) && !applyRecursive(option)
                && !applySuperblock(option)
            {
                data.append(option)
            }
        }
    }

    /// Whether the mount ends up read-only; the recursive options are applied last.
    package var isReadOnly: Bool {
        if recursive.set & MOUNT_ATTR_RDONLY != 0 { return true }
        return attributes.set & MOUNT_ATTR_RDONLY != 0 && recursive.clear & MOUNT_ATTR_RDONLY == 0
    }

    /// Makes the mount read-only, whatever the options say.
    package mutating func makeReadOnly() {
        attributes.apply(MOUNT_ATTR_RDONLY, on: true)
        recursive.clear &= ~MOUNT_ATTR_RDONLY
    }

    /// Whether the mount is said to be writable: nothing being said is something else.
    package var isWritable: Bool {
        !isReadOnly && (attributes.clear | recursive.clear) & MOUNT_ATTR_RDONLY != 0
    }

    private mutating func applyCommon(_ option: String) -> Bool {
        switch option {
        case "defaults": break
        case "bind": if bind == .no { bind = .single }
        case "rbind": bind = .recursive
        case "remount": isRemount = true
        case "tmpcopyup": copiesUp = true
        case "idmap": idmap = .single
        case "ridmap": idmap = .recursive
        case "ro": attributes.apply(MOUNT_ATTR_RDONLY, on: true)
        case "rw": attributes.apply(MOUNT_ATTR_RDONLY, on: false)
        case "nosuid": attributes.apply(MOUNT_ATTR_NOSUID, on: true)
        case "suid": attributes.apply(MOUNT_ATTR_NOSUID, on: false)
        case "nodev": attributes.apply(MOUNT_ATTR_NODEV, on: true)
        case "dev": attributes.apply(MOUNT_ATTR_NODEV, on: false)
        case "noexec": attributes.apply(MOUNT_ATTR_NOEXEC, on: true)
        case "exec": attributes.apply(MOUNT_ATTR_NOEXEC, on: false)
        case "nodiratime": attributes.apply(MOUNT_ATTR_NODIRATIME, on: true)
        case "diratime": attributes.apply(MOUNT_ATTR_NODIRATIME, on: false)
        case "nosymfollow": attributes.apply(MOUNT_ATTR_NOSYMFOLLOW, on: true)
        case "symfollow": attributes.apply(MOUNT_ATTR_NOSYMFOLLOW, on: false)
        case "private": propagation = MS_PRIVATE
        case "rprivate": propagation = MS_PRIVATE | MS_REC
        case "shared": propagation = MS_SHARED
        case "rshared": propagation = MS_SHARED | MS_REC
        case "slave": propagation = MS_SLAVE
        case "rslave": propagation = MS_SLAVE | MS_REC
        case "unbindable": propagation = MS_UNBINDABLE
        case "runbindable": propagation = MS_UNBINDABLE | MS_REC
        default: return false
        }
        return true
    }

    private mutating func applyAccessTime(_ option: String) -> Bool {
        let noatime = MOUNT_ATTR_NOATIME
        let relatime = MOUNT_ATTR_RELATIME
        let strictatime = MOUNT_ATTR_STRICTATIME
        switch option {
        case "noatime": attributes.applyAccessTime(noatime)
        case "relatime": attributes.applyAccessTime(relatime)
        case "strictatime": attributes.applyAccessTime(strictatime)
        case "atime": attributes.leaveAccessTime(noatime, for: relatime)
        case "norelatime": attributes.leaveAccessTime(relatime, for: strictatime)
        case "nostrictatime": attributes.leaveAccessTime(strictatime, for: relatime)
        case "rnoatime": recursive.applyAccessTime(noatime)
        case "rrelatime": recursive.applyAccessTime(relatime)
        case "rstrictatime": recursive.applyAccessTime(strictatime)
        case "ratime": recursive.leaveAccessTime(noatime, for: relatime)
        case "rnorelatime": recursive.leaveAccessTime(relatime, for: strictatime)
        case "rnostrictatime": recursive.leaveAccessTime(strictatime, for: relatime)
        default: return false
        }
        return true
    }

    private mutating func applyRecursive(_ option: String) -> Bool {
        switch option {
        case "rro": recursive.apply(MOUNT_ATTR_RDONLY, on: true)
        case "rrw": recursive.apply(MOUNT_ATTR_RDONLY, on: false)
        case "rnosuid": recursive.apply(MOUNT_ATTR_NOSUID, on: true)
        case "rsuid": recursive.apply(MOUNT_ATTR_NOSUID, on: false)
        case "rnodev": recursive.apply(MOUNT_ATTR_NODEV, on: true)
        case "rdev": recursive.apply(MOUNT_ATTR_NODEV, on: false)
        case "rnoexec": recursive.apply(MOUNT_ATTR_NOEXEC, on: true)
        case "rexec": recursive.apply(MOUNT_ATTR_NOEXEC, on: false)
        case "rnodiratime": recursive.apply(MOUNT_ATTR_NODIRATIME, on: true)
        case "rdiratime": recursive.apply(MOUNT_ATTR_NODIRATIME, on: false)
        case "rnosymfollow": recursive.apply(MOUNT_ATTR_NOSYMFOLLOW, on: true)
        case "rsymfollow": recursive.apply(MOUNT_ATTR_NOSYMFOLLOW, on: false)
        default: return false
        }
        return true
    }

    private mutating func applySuperblock(_ option: String) -> Bool {
        switch option {
        case "sync", "dirsync", "lazytime", "mand": superblock.append(option)
        case "async": superblock.removeAll { $0 == "sync" }
        case "nolazytime": superblock.removeAll { $0 == "lazytime" }
        case "nomand": superblock.removeAll { $0 == "mand" }
        case "iversion": legacy |= MS_I_VERSION
        case "noiversion": legacy &= ~MS_I_VERSION
        case "acl":
            legacy |= MS_POSIXACL
            refusesACL = false
        case "noacl":
            legacy &= ~MS_POSIXACL
            refusesACL = true
        case "silent": legacy |= MS_SILENT
        case "loud": legacy &= ~MS_SILENT
        default: return false
        }
        return true
    }

    /// All as one `mount(2)` flag word, for what only that call can do.
    package var legacyFlags: UInt64 {
        var flags = legacy
        let pairs: [(UInt64, UInt64)] = [
            (MOUNT_ATTR_RDONLY, MS_RDONLY), (MOUNT_ATTR_NOSUID, MS_NOSUID),
            (MOUNT_ATTR_NODEV, MS_NODEV), (MOUNT_ATTR_NOEXEC, MS_NOEXEC),
            (MOUNT_ATTR_NOATIME, MS_NOATIME), (MOUNT_ATTR_STRICTATIME, MS_STRICTATIME),
            (MOUNT_ATTR_NODIRATIME, MS_NODIRATIME), (MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW),
        ]
        for (attribute, flag) in pairs where attributes.set & attribute != 0 { flags |= flag }
        for name in superblock {
            switch name {
            case "sync": flags |= MS_SYNCHRONOUS
            case "dirsync": flags |= MS_DIRSYNC
            case "lazytime": flags |= MS_LAZYTIME
            default: flags |= MS_MANDLOCK
            }
        }
        // Without any mode a remount keeps what the mount has.
        if attributes.isRelatime { flags |= MS_RELATIME }
        if isRemount { flags |= MS_REMOUNT }
        if bind != .no { flags |= MS_BIND }
        return flags
    }
}
