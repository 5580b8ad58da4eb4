import Glibc
import Kernel

/// The cgroup below a unit's that is the container's where an annotation says so, and the one below
/// that which the container manages itself.
enum UnitSubgroup {
    private static let property = "annotations/run.oci.systemd.subgroup"
    private static let delegation = "annotations/run.oci.delegate-cgroup"

    /// Throws when a process shall be handed a cgroup that it cannot have: it must not start in
    /// another one.
    ///
    /// - Parameter layout: nil when nobody looked, for a container without cgroups.
    static func check(_ request: CgroupRequest, _ layout: CgroupLayout?) throws(CgroupError) {
        guard request.delegate != nil else { return }
        if layout == .v1 || layout == .hybrid {
            throw CgroupError(
                "a cgroup of version 1 cannot be handed over safely", property: delegation)
        }
        if request.driver != .systemd || request.subgroup == nil {
            throw CgroupError(
                "needs run.oci.systemd.subgroup and cgroups made by systemd", property: delegation)
        }
    }

    /// The name of the cgroup below a unit's, where there shall be one.
    ///
    /// - Throws: when the unit is none that hands its cgroup over.
    static func name(
        _ request: CgroupRequest, below unit: UnitName, _ layout: CgroupLayout
    ) throws(CgroupError) -> String? {
        guard layout == .unified, let name = request.subgroup else { return nil }
        // systemd hands controllers down in a slice and takes them back as its own units need them.
        if unit.isSlice {
            throw CgroupError(
                "\(unit.unit) is a slice, which is not handed over to anybody", property: property)
        }
        return name
    }

    /// Puts the container's first process into the cgroup below the unit's.
    ///
    /// Before the limits: a cgroup that holds processes cannot hand controllers down.
    static func enter(_ pid: Int32, _ hierarchy: CgroupHierarchy) throws(CgroupError) {
        try make(hierarchy, for: property)
        try CgroupMembership.attach(pid, [hierarchy], below: [])
    }

    /// Puts it into the cgroup that the container manages itself, which has no limits.
    static func handOver(
        _ name: String, below hierarchy: CgroupHierarchy, owner: UInt32?, to pid: Int32
    ) throws(CgroupError) {
        var place = hierarchy
        place.path = CgroupPath.join(hierarchy.path, "/" + name)
        try make(place, for: delegation)
        if let owner { try V2Delegation.give(place.directory, to: owner) }
        try CgroupMembership.attach(pid, [place], below: [])
    }

    private static func make(
        _ hierarchy: CgroupHierarchy, for property: String
    ) throws(CgroupError) {
        var made: [String] = []  // All of it goes with the unit.
        do throws(SystemError) {
            if try CgroupDirectory.make(hierarchy, made: &made) { return }
        } catch {
            throw CgroupError("cannot create cgroup", property: property, cause: error)
        }
        let status = try? Files.status(hierarchy.directory)
        if let status, status.st_mode & S_IFMT != S_IFDIR {
            throw CgroupError("the kernel has a file of this name in a cgroup", property: property)
        }
    }
}
