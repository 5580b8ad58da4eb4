package import OCISpec

/// Properties that are decoded and not executed by this version.
///
/// A configuration that uses one is refused at create: a container without its label is not what
/// was asked for.
///
/// docs/spec-conformance.md has the same list; a test compares the two.
package enum Unsupported {
    /// Every such property, as a config location without array indices.
    package static let all = [
        "linux/intelRdt", "linux/netDevices", "linux/mountLabel",
        "linux/memoryPolicy", "process/apparmorProfile", "process/selinuxLabel",
        "mounts/uidMappings", "mounts/options/idmap",
    ]

    /// The locations of those that a configuration uses.
    package static func properties(of spec: Spec) -> [String] {
        var found: [String] = []
        if let linux = spec.linux {
            if linux.intelRdt != nil { found.append("linux/intelRdt") }
            if !(linux.netDevices ?? []).isEmpty { found.append("linux/netDevices") }
            if !(linux.mountLabel ?? "").isEmpty { found.append("linux/mountLabel") }
            if linux.memoryPolicy != nil { found.append("linux/memoryPolicy") }
        }
        if let process = spec.process {
            if !(process.apparmorProfile ?? "").isEmpty { found.append("process/apparmorProfile") }
            if !(process.selinuxLabel ?? "").isEmpty { found.append("process/selinuxLabel") }
        }
        for (index, mount) in (spec.mounts ?? []).enumerated() {
            if !(mount.uidMappings ?? []).isEmpty { found.append("mounts/\(index)/uidMappings") }
            for (position, option) in (mount.options ?? []).enumerated()
            where option == "idmap" || option == "ridmap" {
                found.append("mounts/\(index)/options/\(position)")
            }
        }
        return found
    }
}
