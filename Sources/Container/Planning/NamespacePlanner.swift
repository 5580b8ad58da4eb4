internal import Kernel
internal import OCISpec

/// Plans how a process gets into its namespaces.
///
/// The short way: one clone with CLONE_NEWPID, joins and one unshare in the new process. The long
/// way, with a second fork, where the first process cannot be the container's: a PID or time
/// namespace is entered by children only, and ids must be mapped before anything is made inside a
/// new user namespace.
enum NamespacePlanner {
    /// A namespace to join and the slot of its descriptor.
    struct Joined {
        var namespace: NamespaceSet.Joined
        var slot: PlanOp.Slot
    }

    /// Whether the container's process must be forked from a first stage.
    static func forks(_ blueprint: Blueprint) -> Bool {
        let namespaces = blueprint.namespaces
        return namespaces.makes(.user) || namespaces.makes(.time)
            || namespaces.joins(.pid) || namespaces.joins(.user) || namespaces.joins(.time)
    }

    /// What clone3(2) itself makes: only the PID namespace, and only on the short way.
    ///
    /// The others are made by the new process while the parent goes on with its own steps.
    static func cloneFlags(_ blueprint: Blueprint) -> UInt64 {
        forks(blueprint) ? 0 : blueprint.namespaces.new & CLONE_NEWPID
    }

    /// The namespaces to join, in the order in which the kernel lets us.
    ///
    /// Root of the host has rights over all of them and loses those over the host's own with the
    /// step into a user namespace, so that one is last. An ordinary user has rights only inside.
    private static func ordered(_ blueprint: Blueprint) -> [NamespaceSet.Joined] {
        let joined = blueprint.namespaces.joined
        let user = joined.filter { $0.type == .user }
        let others = joined.filter { $0.type != .user }
        return blueprint.facts.isRootless ? user + others : others + user
    }

    /// Opens the namespaces to join while the host's paths are certain.
    static func openJoined(_ blueprint: Blueprint, _ plan: inout Plan) -> [Joined] {
        refuseHosts(blueprint, &plan)
        return ordered(blueprint).map { namespace in
            let slot = plan.newSlot()
            plan.host(
                .openNamespace(slot: slot, path: namespace.path, type: namespace.type),
                "linux/namespaces/\(namespace.index)", label: namespace.path)
            return Joined(namespace: namespace, slot: slot)
        }
    }

    /// A parameter or a name may be set in a namespace that is joined, unless the path leads to the host's.
    private static func refuseHosts(_ blueprint: Blueprint, _ plan: inout Plan) {
        guard !blueprint.namespaces.joined.isEmpty else { return }
        var changed: [(type: NamespaceType, location: String)] = []
        if blueprint.hostname != nil { changed.append((.uts, "hostname")) }
        if blueprint.domainname != nil { changed.append((.uts, "domainname")) }
        for entry in blueprint.sysctl {
            guard let type = SysctlRules.namespace(of: entry.key) else { continue }
            changed.append((type, SysctlRules.location(entry.key)))
        }
        var seen: UInt64 = 0
        for (type, location) in changed where seen & type.cloneFlag == 0 {
            guard let joined = blueprint.namespaces.joined.first(where: { $0.type == type })
            else { continue }
            seen |= type.cloneFlag
            let isName = location == "hostname" && changed.filter { $0.type == .uts }.count == 1
            plan.host(
                .refuseOwn(
                    type, path: joined.path, hostname: isName ? blueprint.hostname : nil),
                location, label: joined.path)
        }
    }

    /// Enters all namespaces.
    static func enter(_ blueprint: Blueprint, _ joined: [Joined], _ plan: inout Plan) {
        let namespaces = blueprint.namespaces
        for entry in joined {
            plan.add(
                .setns(slot: entry.slot, flags: entry.namespace.type.cloneFlag),
                "linux/namespaces/\(entry.namespace.index)", label: entry.namespace.path)
        }
        if namespaces.joins(.user) {
            compareMappings(blueprint, &plan)
            plan.add(blueprint.becomeRoot, "linux/namespaces")
        }
        if namespaces.makes(.user) {
            plan.add(.unshare(flags: CLONE_NEWUSER), "linux/namespaces")
            // An ordinary user may write the maps of a dumpable process only (proc(5)).
            if blueprint.facts.isRootless { plan.add(.dumpable(true), "linux/uidMappings") }
            plan.add(.sync(.idmap), "linux/uidMappings")
            plan.host(
                .idMappings(uid: blueprint.uidMappings, gid: blueprint.gidMappings),
                "linux/uidMappings")
            if blueprint.facts.isRootless { plan.add(.dumpable(false), "linux/uidMappings") }
            plan.add(blueprint.becomeRoot, "linux/uidMappings")
        }
        let made = cloneFlags(blueprint)
        let rest = namespaces.new & ~made & ~CLONE_NEWUSER
        if rest != 0 { plan.add(.unshare(flags: rest), "linux/namespaces") }
        if let offsets = blueprint.timeOffsets, namespaces.makes(.time) {
            plan.add(.sync(.timens), "linux/timeOffsets")
            plan.host(.timeOffsets(offsets), "linux/timeOffsets")
        }
        if forks(blueprint) { plan.add(.fork, "linux/namespaces") }
    }

    /// The maps are seen at the process that has joined: a path need not be that of a process.
    private static func compareMappings(_ blueprint: Blueprint, _ plan: inout Plan) {
        guard !blueprint.uidMappings.isEmpty else { return }
        plan.add(.sync(.idmap), "linux/uidMappings")
        plan.host(
            .compareMappings(uid: blueprint.uidMappings, gid: blueprint.gidMappings),
            "linux/uidMappings")
    }
}

extension Blueprint {
    /// Who sets the container up: root, or the program's user and group where a mapping that is known
    /// leaves 0 out.
    var becomeRoot: PlanOp {
        func id(_ mappings: [IDMapping], _ own: UInt32) -> UInt32 {
            mappings.isEmpty || IDMappingRules.hostID(0, mappings) != nil ? 0 : own
        }
        return .becomeRoot(uid: id(uidMappings, process.uid), gid: id(gidMappings, process.gid))
    }
}
