import Cgroups
import OCISpec

@testable import Container

/// A host as a test describes it; nothing of the real one is looked at.
struct Machine {
    var cgroups: CgroupHost
    var facts: HostFacts

    /// Cgroup version 1 with one hierarchy for two controllers and a named one.
    static var versionOne: Machine {
        let controllers = [
            "cpuset", "cpu,cpuacct", "memory", "blkio", "devices", "freezer", "net_cls,net_prio",
            "perf_event", "hugetlb", "pids", "rdma", "name=systemd",
        ]
        let mounts = controllers.map { names in
            let directory = names.hasPrefix("name=") ? String(names.dropFirst(5)) : names
            return CgroupHost.Mount(
                controllers: names, mountPoint: "/sys/fs/cgroup/\(directory)", ownPath: "/user")
        }
        return Machine(
            cgroups: CgroupHost(layout: .v1, mounts: mounts),
            facts: HostFacts(hasAppArmor: true, hasSELinux: true))
    }

    /// Cgroup version 1 with few controllers, and version 2 beside it.
    ///
    /// No real machine has this mount point, as for `versionTwo`.
    static var hybrid: Machine {
        var machine = versionOne
        machine.cgroups.layout = .hybrid
        machine.cgroups.mounts = machine.cgroups.mounts.filter { mount in
            ["memory", "devices", "name=systemd"].contains(mount.controllers)
        }
        machine.cgroups.mounts.append(
            CgroupHost.Mount(controllers: "", mountPoint: "/none/unified", ownPath: "/user"))
        return machine
    }

    /// Cgroup version 2 alone.
    ///
    /// The mount point is one that no real machine has, because the list of controllers would be
    /// read there.
    static var versionTwo: Machine {
        Machine(
            cgroups: CgroupHost(
                layout: .unified,
                mounts: [
                    CgroupHost.Mount(controllers: "", mountPoint: "/none/cgroup", ownPath: "/user")
                ]),
            facts: HostFacts())
    }

    /// Cgroup version 2 for an ordinary user.
    static var ordinaryUser: Machine {
        var machine = versionTwo
        machine.facts.euid = 1000
        machine.facts.egid = 1000
        machine.facts.isRootless = true
        machine.facts.toleratesCgroups = true
        return machine
    }

    /// The cgroup of a container.
    func cgroup(_ blueprint: Blueprint) throws -> Planner.Cgroup {
        let manager = try CgroupChooser.choose(
            CgroupRequest(
                id: blueprint.options.id, cgroupsPath: blueprint.cgroupsPath,
                isRootless: facts.isRootless, skipsDevices: facts.toleratesCgroups),
            on: cgroups)
        return Planner.Cgroup(
            record: manager.record, plan: try manager.plan(for: blueprint.resources))
    }
}
