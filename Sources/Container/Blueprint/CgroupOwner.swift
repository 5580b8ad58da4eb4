internal import OCISpec

/// Who owns the container's cgroup (runtime-spec 1.3.0, config-linux, "Cgroup ownership").
enum CgroupOwner {
    /// The host's uid that the cgroup is handed over to; nil when it stays the runtime's.
    ///
    /// Handed over only where the container sees nothing but its own part of the hierarchy, and may
    /// write there: with a new cgroup namespace and a writable mount of it. Ownership of version 1
    /// never changes, which the version 1 manager sees to.
    static func uid(_ blueprint: Blueprint) -> UInt32? {
        guard blueprint.namespaces.makes(.cgroup) else { return nil }
        let shows = blueprint.mounts.contains { mount in
            mount.kind.isCgroup && mount.destination == "/sys/fs/cgroup"
                && !mount.options.isReadOnly
        }
        guard shows else { return nil }
        let uid = blueprint.process.uid
        let owner =
            blueprint.hasUserNamespace
            ? IDMappingRules.hostID(uid, blueprint.uidMappings) : uid
        return owner == blueprint.facts.euid ? nil : owner
    }
}
