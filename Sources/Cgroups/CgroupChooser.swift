/// What the caller knows about the cgroup that a container shall have.
package struct CgroupRequest: Equatable, Sendable {
    /// The container's id, which names the cgroup when `cgroupsPath` does not.
    package var id: String
    /// `linux.cgroupsPath`; empty counts as absent.
    package var cgroupsPath: String?
    package var driver: CgroupDriver
    /// The caller has no rights on the host: what needs them and was not asked for is left out.
    package var isRootless: Bool
    /// Device rules cannot be set from inside a user namespace and are left out there.
    package var skipsDevices: Bool

    /// A request.
    package init(
        id: String, cgroupsPath: String? = nil, driver: CgroupDriver = .cgroupfs,
        isRootless: Bool = false, skipsDevices: Bool = false
    ) {
        self.id = id
        self.cgroupsPath = cgroupsPath
        self.driver = driver
        self.isRootless = isRootless
        self.skipsDevices = skipsDevices
    }
}
