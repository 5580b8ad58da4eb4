internal import CCap
internal import Cgroups
package import OCISpec

/// What this build can do.
///
/// What the running kernel can do is another matter, but for capabilities, whose list is the
/// kernel's.
package enum RuntimeFeatures {
    /// The features, without annotations about versions.
    package static func ofThisBuild(newestSpecification: String) -> Features {
        Features(
            ociVersionMin: "1.0.0", ociVersionMax: newestSpecification,
            hooks: Hooks().byKind.map(\.0), mountOptions: mountOptions, linux: linux,
            // A name that ends with a dot is a prefix.
            potentiallyUnsafeConfigAnnotations: [
                Annotation.criuConfig.rawValue, UnitAnnotation.prefix, "run.oci.",
            ])
    }

    /// Every option that `MountOptions` sorts, in alphabetical order.
    package static var mountOptions: [String] {
        [
            "acl", "async", "atime", "bind", "defaults", "dev", "diratime", "dirsync", "exec",
            "idmap", "iversion", "lazytime", "loud", "mand", "noacl", "noatime", "nodev",
            "nodiratime",
            "noexec",
            "noiversion", "nolazytime", "nomand", "norelatime", "nostrictatime", "nosuid",
            "nosymfollow", "private", "ratime", "rbind", "rdev", "rdiratime", "relatime",
            "remount", "rexec", "ridmap", "rnoatime", "rnodev", "rnodiratime", "rnoexec",
            "rnorelatime",
            "rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rprivate", "rrelatime", "rro",
            "rrw", "rshared", "rslave", "rstrictatime", "rsuid", "rsymfollow", "runbindable",
            "rw", "shared", "silent", "slave", "strictatime", "suid", "symfollow", "sync",
            "tmpcopyup", "unbindable",
        ]
    }

    private static var linux: LinuxFeatures {
        LinuxFeatures(
            namespaces: NamespaceType.allCases.sorted { $0.rawValue < $1.rawValue },
            capabilities: capabilities,
            cgroup: CgroupFeatures(
                v1: true, v2: true, systemd: true, systemdUser: true, rdma: true),
            seccomp: seccomp,
            apparmor: EnabledFeature(enabled: true),
            selinux: EnabledFeature(enabled: true),
            intelRdt: intelRdt, memoryPolicy: memoryPolicy,
            mountExtensions: MountExtensions(idmap: EnabledFeature(enabled: true)),
            netDevices: EnabledFeature(enabled: true))
    }

    /// The names of all that the kernel has, as far as libcap knows them.
    private static var capabilities: [String] {
        let last = HostFacts.ofThisHost(needsLSM: false).lastCapability
        return (0...last).compactMap { number in
            guard let name = cap_to_name(cap_value_t(number)) else { return nil }
            defer { cap_free(name) }
            let text = String(cString: name)
            // What libcap does not know it calls by its number.
            return text.hasPrefix("cap_") ? text.uppercased() : nil
        }
    }

    private static var seccomp: SeccompFeatures {
        SeccompSupport.features()
    }

    private static var intelRdt: IntelRdtFeatures {
        IntelRdtFeatures(enabled: true, schemata: true, monitoring: true)
    }

    private static var memoryPolicy: MemoryPolicyFeatures {
        MemoryPolicyFeatures(modes: MemoryPolicyMode.allCases, flags: MemoryPolicyFlag.allCases)
    }
}
