package import OCISpec

/// Which kernel parameters a container may set: those that one of its own namespaces holds.
package enum SysctlRules {
    /// The parameters of the IPC namespace (ipc_namespaces(7)).
    private static let ipc = [
        "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall",
        "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
    ]

    /// The path below `/proc/sys` of a key in either spelling: with dots, where a `/` in a name is
    /// a dot, or with slashes (sysctl.d(5)).
    ///
    /// The first separator that appears decides.
    package static func path(_ key: String) -> String {
        guard let first = key.first(where: { $0 == "." || $0 == "/" }), first == "." else {
            return key
        }
        return String(key.map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
    }

    /// The place of a key in the configuration: a JSON pointer, in which slashes are escaped.
    package static func location(_ key: String) -> String {
        "linux/sysctl/" + PathText.pointerToken(key)
    }

    /// Notes an error for every parameter that belongs to the host.
    package static func check(
        _ entries: [StringEntry], _ namespaces: NamespaceSet, _ diagnostics: inout Diagnostics
    ) {
        for entry in entries {
            let path = path(entry.key)
            let dotted = String(path.map { $0 == "/" ? "." : $0 })
            let location = location(entry.key)
            if path.isEmpty
                || path.split(separator: "/", omittingEmptySubsequences: false)
                    .contains(where: { $0.isEmpty || $0 == "." || $0 == ".." })
            {
                diagnostics.error(location, "not a kernel parameter")
            } else if let problem = problem(dotted, namespaces) {
                diagnostics.error(location, problem)
            }
        }
    }

    /// The namespace that holds a parameter, if one does.
    static func namespace(of key: String) -> NamespaceType? {
        namespace(dotted: String(path(key).map { $0 == "/" ? "." : $0 }))
    }

    private static func namespace(dotted key: String) -> NamespaceType? {
        if ipc.contains(key) || key.hasPrefix("fs.mqueue.") { return .ipc }
        if key.hasPrefix("net.") { return .network }
        if key.hasPrefix("user.") { return .user }
        return key == "kernel.domainname" ? .uts : nil
    }

    private static func problem(_ key: String, _ namespaces: NamespaceSet) -> String? {
        func needs(_ type: NamespaceType) -> String? {
            namespaces.separates(type)
                ? nil
                : "sysctl \"\(key)\" needs the container's own \(type.rawValue) namespace"
        }
        if let type = namespace(dotted: key) { return needs(type) }
        if key == "kernel.hostname" {
            return "sysctl \"kernel.hostname\" conflicts with the property hostname: use that"
        }
        return "sysctl \"\(key)\" is not in a separate kernel namespace"
    }
}
