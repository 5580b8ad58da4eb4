import Kernel

/// The type of a version 2 cgroup: an ordinary domain, or part of a threaded subtree.
enum V2Type {
    /// Makes a new cgroup usable for processes, threaded if it stands below a threaded one.
    ///
    /// - Parameter needed: the controllers that limits were asked of: those for domains cannot work
    ///   in a threaded cgroup, and that is an error.
    static func settle(
        _ hierarchy: CgroupHierarchy, needed: [String]
    ) throws(CgroupError) {
        let file = hierarchy.directory + "/cgroup.type"
        let type = (try? CgroupFile.value(file)) ?? "domain"
        if type == "domain" { return }
        if let controller = needed.first(where: V2Controllers.isDomain) {
            throw CgroupError(
                "cannot use controller \(controller) in a cgroup of type \"\(type)\" "
                    + "(\(hierarchy.directory))",
                property: "linux/cgroupsPath")
        }
        guard type == "domain invalid" else { return }
        do throws(Errno) {
            try Files.writeText(file, "threaded")
        } catch {
            throw CgroupError(
                "cannot make the cgroup threaded", property: "linux/cgroupsPath",
                cause: SystemError("write", file, error))
        }
    }
}
