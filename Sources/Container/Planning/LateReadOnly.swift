internal import Kernel

/// Mounts that turn read-only later than they are made, because mount points and devices are still
/// to be made in them.
struct LateReadOnly {
    /// When a mount turns read-only.
    enum Moment: Equatable {
        /// Before the mount at this position is made, which covers it: afterwards its path would
        /// lead to the other one.
        case before(Int)
        /// When everything is in place.
        case end
    }

    /// Whether the mount at a position has to wait.
    ///
    /// A bind is what the host has: nothing of ours is made in it. A remount changes what was
    /// mounted there last.
    static func concerns(_ position: Int, in mounts: [MountBlueprint]) -> Bool {
        let mount = mounts[position]
        guard mount.options.isReadOnly else { return false }
        var made = mount
        if mount.options.isRemount {
            let earlier = mounts.prefix(position).last {
                !$0.options.isRemount && $0.destination == mount.destination
            }
            guard let earlier else { return false }
            made = earlier
        }
        switch made.kind {
        case .filesystem("tmpfs", _), .cgroup: return true
        case .filesystem: return made.destination == "/dev"
        case .bind: return false
        }
    }

    /// When the mount at a position turns read-only: never when it need not, or when a remount says
    /// that it is writable after all.
    static func moment(of position: Int, in mounts: [MountBlueprint]) -> Moment? {
        let mount = mounts[position]
        guard concerns(position, in: mounts) else { return nil }
        for later in mounts.indices.dropFirst(position + 1) {
            let other = mounts[later]
            let isSame = other.destination == mount.destination
            if other.options.isRemount {
                if isSame && other.options.isWritable { return nil }
            } else if isSame || PathText.isBelow(mount.destination, other.destination) {
                return .before(later)
            }
        }
        return .end
    }

    private let mounts: [MountBlueprint]
    private var moments: [(position: Int, moment: Moment)] = []

    /// Finds the moments of all mounts.
    init(_ mounts: [MountBlueprint]) {
        self.mounts = mounts
        for position in mounts.indices {
            guard let moment = Self.moment(of: position, in: mounts) else { continue }
            moments.append((position, moment))
        }
    }

    /// Turns the mounts read-only whose moment has come.
    func apply(_ moment: Moment, _ plan: inout Plan) {
        for entry in moments where entry.moment == moment {
            let mount = mounts[entry.position]
            plan.add(
                .setAttributes(
                    target: PathText.inRoot(mount.destination), .readOnly, propagation: 0,
                    isRecursive: false),
                mount.location, label: mount.destination)
        }
    }
}
