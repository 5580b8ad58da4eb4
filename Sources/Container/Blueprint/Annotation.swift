package import OCISpec

/// Annotations of the configuration that change what the runtime does, as crun(1) has them.
///
/// Whoever lets strangers write annotations lets them do this; `features` says so
/// (`potentiallyUnsafeConfigAnnotations`).
package enum Annotation: String, CaseIterable, Sendable {
    /// The program keeps the caller's supplementary groups, and those of the configuration are not
    /// set: a way for rootless users to groups that they cannot name.
    case keepOriginalGroups = "run.oci.keep_original_groups"
    /// AF_UNIX socket that receives the pidfd of the container's process.
    case pidfdReceiver = "run.oci.pidfd_receiver"
    /// File that standard output of all hooks is appended to.
    case hooksOutput = "run.oci.hooks.stdout"
    /// File that standard error of all hooks is appended to.
    case hooksErrors = "run.oci.hooks.stderr"
    /// Which of SELinux's mount options gets `linux.mountLabel`.
    case mountContextType = "run.oci.mount_context_type"
    /// An unknown system call in the filter is an error.
    case failUnknownSyscall = "run.oci.seccomp_fail_unknown_syscall"
    /// AF_UNIX socket of the seccomp agent, where the configuration names none.
    case seccompReceiver = "run.oci.seccomp.receiver"
    /// A compiled filter in base64, in the place of `linux.seccomp`.
    case seccompFilter = "run.oci.seccomp_bpf_data"
    /// Libraries that answer notifications in the runtime.
    case seccompPlugins = "run.oci.seccomp.plugins"
    /// Destination of the mount that shows systemd's hierarchy of version 1.
    case forceVersion1 = "run.oci.systemd.force_cgroup_v1"
    /// Cgroup below systemd's unit that is the container's.
    case systemdSubgroup = "run.oci.systemd.subgroup"
    /// Cgroup below that one, without limits, that the container's process starts in.
    case delegateCgroup = "run.oci.delegate-cgroup"
    /// Configuration file of CRIU.
    case criuConfig = "org.criu.config"

    /// Whether the value is an absolute path.
    private var isPath: Bool {
        switch self {
        case .pidfdReceiver, .hooksOutput, .hooksErrors, .seccompReceiver, .criuConfig,
            .forceVersion1:
            true
        case .keepOriginalGroups, .mountContextType, .failUnknownSyscall, .seccompFilter,
            .seccompPlugins:
            false
        case .systemdSubgroup, .delegateCgroup: false
        }
    }

    /// The config location.
    package var location: String { "annotations/" + rawValue }

    /// The value among annotations.
    package func value(in annotations: [StringEntry]) -> String? {
        for entry in annotations where entry.key == rawValue { return entry.value }
        return nil
    }

    /// Whether it is there and not turned off.
    package func isOn(in annotations: [StringEntry]) -> Bool {
        guard let value = value(in: annotations) else { return false }
        return value != "0" && value != "false"
    }

    /// Notes what is wrong with the annotations.
    static func check(_ blueprint: Blueprint, _ out: inout Diagnostics) {
        for entry in blueprint.annotations {
            guard let annotation = Annotation(rawValue: entry.key) else { continue }
            if annotation.isPath, !PathText.isAbsolute(entry.value) {
                out.error(annotation.location, "path is not absolute: \"\(entry.value)\"")
            }
            if annotation == .seccompPlugins {
                out.error(
                    annotation.location,
                    "no library is loaded into the runtime: linux/seccomp/listenerPath names a "
                        + "socket of a program that answers")
            }
            if annotation == .mountContextType { checkContext(entry.value, blueprint, &out) }
        }
    }

    private static func checkContext(
        _ value: String, _ blueprint: Blueprint, _ out: inout Diagnostics
    ) {
        let place = mountContextType.location
        if !["context", "fscontext", "defcontext", "rootcontext"].contains(value) {
            out.error(
                place,
                "expected context, fscontext, defcontext or rootcontext, found \"\(value)\"")
        } else if !blueprint.facts.hasSELinux {
            out.error(place, "SELinux is not enabled on this host")
        }
    }
}

extension Blueprint {
    /// The value of an annotation.
    func annotation(_ name: Annotation) -> String? { name.value(in: annotations) }

    /// Whether an annotation is there and not turned off.
    func hasAnnotation(_ name: Annotation) -> Bool { name.isOn(in: annotations) }
}
