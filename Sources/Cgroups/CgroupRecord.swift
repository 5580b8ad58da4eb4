/// How the host mounts its cgroups.
package enum CgroupLayout: String, Equatable, Sendable {
    /// One hierarchy for each version 1 controller or group of them.
    case v1
    /// Version 1 hierarchies, and beside them a version 2 one that may hold controllers of its own.
    case hybrid
    /// Version 2 alone.
    case unified
}

/// Who makes the container's cgroup.
package enum CgroupDriver: String, Equatable, Sendable {
    /// The runtime itself, in the file system.
    case cgroupfs
    /// systemd, as a transient unit.
    case systemd
    /// Nobody: the container stays in the caller's cgroup.
    case disabled
}

/// One mounted hierarchy and the container's place in it.
package struct CgroupHierarchy: Equatable, Sendable {
    /// The controllers as `/proc/self/cgroup` spells them: `memory`, `cpu,cpuacct`,
    /// `name=systemd`; empty for version 2.
    package var controllers: String
    /// Where it is mounted, such as `/sys/fs/cgroup/memory`.
    package var mountPoint: String
    /// The container's cgroup below the mount point, with a leading slash.
    package var path: String

    /// A hierarchy and a place in it.
    package init(controllers: String, mountPoint: String, path: String) {
        self.controllers = controllers
        self.mountPoint = mountPoint
        self.path = path
    }

    /// The container's cgroup directory.
    package var directory: String { mountPoint + path }

    /// Whether this is the version 2 hierarchy.
    package var isUnified: Bool { controllers.isEmpty }
}

/// What the state directory keeps, so that a later command finds the container's cgroup again.
package struct CgroupRecord: Equatable, Sendable {
    package var layout: CgroupLayout
    package var driver: CgroupDriver
    /// Every hierarchy that the container has a cgroup in; empty when the driver is `disabled`.
    package var hierarchies: [CgroupHierarchy]
    /// The systemd unit, when the driver is `systemd`.
    package var unit: String?
    /// The container's cgroup is the one of this name below the unit's, and not the unit's own.
    package var subgroup: String?

    /// A record, as made by a manager or read back from the state directory.
    package init(
        layout: CgroupLayout, driver: CgroupDriver, hierarchies: [CgroupHierarchy],
        unit: String? = nil, subgroup: String? = nil
    ) {
        self.layout = layout
        self.driver = driver
        self.hierarchies = hierarchies
        self.unit = unit
        self.subgroup = subgroup
    }

    /// The cgroup below the hierarchies' roots, the same in all of them but for rootless version 1;
    /// `nil` without a cgroup.
    package var path: String? { hierarchies.first?.path }

    /// The same with the unit's own cgroup.
    var ofUnit: CgroupRecord {
        guard subgroup != nil else { return self }
        var record = self
        record.subgroup = nil
        for index in hierarchies.indices {
            record.hierarchies[index].path = CgroupPath.parent(hierarchies[index].path)
        }
        return record
    }
}
