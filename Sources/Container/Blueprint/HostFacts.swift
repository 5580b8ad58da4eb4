internal import CCap
import Glibc
internal import Kernel
package import OCISpec

/// What the plan depends on besides the configuration: facts of this host and this process.
///
/// A value, so that plans can be made and compared for any host, as an ordinary user.
package struct HostFacts: Equatable, Sendable {
    /// The effective user ID of the runtime.
    package var euid: UInt32
    /// The effective group ID of the runtime.
    package var egid: UInt32
    /// Whether the runtime is no root at all: what needs rights over the host's mounts is done in the
    /// container's own user namespace.
    package var isRootless: Bool
    /// Whether the runtime's user namespace is not the initial one: an engine without privileges
    /// makes one and is root there.
    package var isInUserNamespace = false
    /// Whether device nodes can be made; otherwise the host's are bound.
    package var canMakeNodes = true
    /// Whether that namespace denies setgroups(2).
    package var deniesSetgroups = false
    /// Whether cgroups that cannot be made, and that were not asked for, are left out.
    package var toleratesCgroups = false
    /// `LISTEN_FDS` of the caller: descriptors from 3 that go to the program
    /// (sd_listen_fds(3)); 0 when absent or meant for another process.
    package var listenFDs: Int
    /// How many descriptors from 3 the caller left open.
    package var inheritedFDs = Int.max
    /// The seccomp agent's socket where nothing else names one (`RUN_OCI_SECCOMP_RECEIVER`, as
    /// crun(1) has it).
    package var seccompReceiver: String?
    /// The highest capability that the kernel knows (`kernel.cap_last_cap`).
    package var lastCapability: Int
    /// Whether AppArmor is enabled (`/sys/module/apparmor/parameters/enabled`).
    package var hasAppArmor: Bool
    /// Whether SELinux is enabled (`/sys/fs/selinux` is mounted).
    package var hasSELinux: Bool

    /// States all facts.
    package init(
        euid: UInt32 = 0, egid: UInt32 = 0, isRootless: Bool = false, listenFDs: Int = 0,
        lastCapability: Int = 40, hasAppArmor: Bool = false, hasSELinux: Bool = false
    ) {
        self.euid = euid
        self.egid = egid
        self.isRootless = isRootless
        self.listenFDs = listenFDs
        self.lastCapability = lastCapability
        self.hasAppArmor = hasAppArmor
        self.hasSELinux = hasSELinux
    }

    /// Looks at this host.
    ///
    /// Facts that only some configurations need (LSMs) are looked up only when `needsLSM` says so,
    /// to keep them off the usual path.
    package static func ofThisHost(needsLSM: Bool) -> HostFacts {
        var facts = HostFacts(euid: geteuid(), egid: getegid())
        facts.isRootless = facts.euid != 0
        // PROC_USER_INIT_INO: the initial namespace's inode number is fixed.
        let namespace = try? Files.status("/proc/self/ns/user")
        facts.isInUserNamespace = namespace.map { $0.st_ino != 0xEFFF_FFFD } ?? false
        if facts.isInUserNamespace {
            let text = try? Files.readText("/proc/self/setgroups")
            facts.deniesSetgroups = text?.hasPrefix("deny") ?? false
        }
        facts.canMakeNodes = !facts.isInUserNamespace && hasCapability(CAP_MKNOD)
        facts.toleratesCgroups = facts.isRootless || facts.isInUserNamespace
        facts.listenFDs = listenFDs(
            count: Environment.value("LISTEN_FDS"), pid: Environment.value("LISTEN_PID"),
            ownPid: getpid())
        facts.seccompReceiver = Environment.value("RUN_OCI_SECCOMP_RECEIVER")
        facts.lastCapability = Int(cap_max_bits()) - 1
        if needsLSM {
            let text = try? Files.readText("/sys/module/apparmor/parameters/enabled")
            facts.hasAppArmor = text?.hasPrefix("Y") ?? false
            facts.hasSELinux = Files.exists("/sys/fs/selinux/enforce")
        }
        return facts
    }

    /// Whether a capability is effective for the runtime (capget(2)).
    private static func hasCapability(_ capability: cap_value_t) -> Bool {
        guard let set = cap_get_proc() else { return false }
        defer { cap_free(UnsafeMutableRawPointer(set)) }
        var value = CAP_CLEAR
        return cap_get_flag(set, capability, CAP_EFFECTIVE, &value) == 0 && value == CAP_SET
    }

    /// Looks at this host for a configuration.
    package static func ofThisHost(for spec: Spec) -> HostFacts {
        func isGiven(_ text: String?) -> Bool { !(text ?? "").isEmpty }
        return ofThisHost(
            needsLSM: isGiven(spec.process?.apparmorProfile) || isGiven(spec.process?.selinuxLabel)
                || isGiven(spec.linux?.mountLabel)
                || Annotation.mountContextType.value(in: spec.annotations ?? []) != nil)
    }

    /// How many descriptors the caller passes by socket activation.
    ///
    /// They are meant for the process that `LISTEN_PID` names; somebody else who inherited the
    /// variables must not touch what is at these numbers (sd_listen_fds(3)).
    package static func listenFDs(count: String?, pid: String?, ownPid: Int32) -> Int {
        guard let count = count.flatMap(Int.init), count > 0, pid.flatMap(Int32.init) == ownPid
        else { return 0 }
        return count
    }
}
