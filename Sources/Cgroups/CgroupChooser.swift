import Glibc
import Kernel

/// What the caller knows about the cgroup that a container shall have.
package struct CgroupRequest: Equatable, Sendable {
    /// The container's id, which names the cgroup when `cgroupsPath` does not.
    package var id: String
    /// `linux.cgroupsPath`; empty counts as absent.
    package var cgroupsPath: String?
    package var driver: CgroupDriver
    /// The caller has no rights on the host: what needs them and was not asked for is left out.
    package var isRootless: Bool
    /// Device rules cannot be set without rights on the host and are left out there.
    package var skipsDevices: Bool
    /// The systemd driver asks the caller's own manager (`systemd --user`) and not the system's.
    package var isUserManager: Bool
    /// The host's uid that the cgroup is handed over to; nil when it stays the caller's.
    package var owner: UInt32?
    /// The name of a cgroup below the unit's that shall be the container's, for the systemd driver on
    /// version 2 alone.
    package var subgroup: String?
    /// The name of a cgroup below `subgroup`, without limits, for the container's first process.
    package var delegate: String?
    /// Annotations `org.systemd.property.NAME`, for the systemd driver.
    package var annotations: [Annotation] = []

    /// An annotation of the configuration.
    package struct Annotation: Equatable, Sendable {
        package var key: String
        package var value: String

        /// A key and its value.
        package init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// A request.
    package init(
        id: String, cgroupsPath: String? = nil, driver: CgroupDriver = .cgroupfs,
        isRootless: Bool = false, skipsDevices: Bool = false, isUserManager: Bool? = nil
    ) {
        self.id = id
        self.cgroupsPath = cgroupsPath
        self.driver = driver
        self.isRootless = isRootless
        self.skipsDevices = skipsDevices
        self.isUserManager = isUserManager ?? isRootless
    }
}

extension CgroupRequest {
    /// Whether a failed `mkdir` means that the container simply has no cgroup there: the caller has
    /// no rights and did not ask for a place.
    func leavesOut(_ error: CgroupError) -> Bool {
        guard isRootless, cgroupsPath?.isEmpty ?? true, let errno = error.cause?.errno else {
            return false
        }
        return errno == .accessDenied || errno == .notPermitted || errno == .readOnly
    }
}

/// The only place that decides which manager a container gets.
package enum CgroupChooser {
    private static let property = "linux/cgroupsPath"

    /// A manager for a new container on this host.
    package static func choose(
        _ request: CgroupRequest
    ) throws(CgroupError) -> any CgroupManager {
        if request.driver == .disabled {
            try UnitSubgroup.check(request, nil)
            return DisabledManager()
        }
        return try choose(request, on: try CgroupHost.discover())
    }

    /// A manager for a new container on a host as described.
    package static func choose(
        _ request: CgroupRequest, on host: CgroupHost
    ) throws(CgroupError) -> any CgroupManager {
        try UnitSubgroup.check(request, host.layout)
        switch request.driver {
        case .disabled:
            return DisabledManager()
        case .systemd:
            let unit = try UnitName(
                cgroupsPath: request.cgroupsPath, id: request.id, isUser: request.isUserManager)
            return SystemdManager(try record(of: unit, request, on: host), request, unit)
        case .cgroupfs:
            let record = CgroupRecord(
                layout: host.layout, driver: .cgroupfs,
                hierarchies: try hierarchies(of: request, on: host))
            return fileManager(record, request)
        }
    }

    /// The manager of a container that exists; looks at nothing on the host.
    package static func open(_ record: CgroupRecord) throws(CgroupError) -> any CgroupManager {
        switch record.driver {
        case .disabled:
            return DisabledManager()
        case .systemd:
            return SystemdManager(opening: record)
        case .cgroupfs:
            return fileManager(record, CgroupRequest(id: ""))
        }
    }

    // Where systemd will put the unit: below its own cgroup, which is the root for the system's.
    private static func record(
        of unit: UnitName, _ request: CgroupRequest, on host: CgroupHost
    ) throws(CgroupError) -> CgroupRecord {
        var path = try unit.path()
        if request.isUserManager {
            let own = userBase(host.mounts.last?.ownPath ?? "/")
            let user = OuterUser.uid()
            path = CgroupPath.join(
                own == "/" ? "/user.slice/user-\(user).slice/user@\(user).service" : own, path)
        }
        let subgroup = try UnitSubgroup.name(request, below: unit, host.layout)
        if let subgroup { path = CgroupPath.join(path, "/" + subgroup) }
        let hierarchies = host.mounts.map { mount in
            CgroupHierarchy(
                controllers: mount.controllers, mountPoint: mount.mountPoint, path: path)
        }
        return CgroupRecord(
            layout: host.layout, driver: .systemd, hierarchies: hierarchies, unit: unit.unit,
            subgroup: subgroup)
    }

    /// The manager that does everything by files.
    static func fileManager(
        _ record: CgroupRecord, _ request: CgroupRequest
    ) -> any CgroupManager {
        record.layout == .unified ? V2Manager(record, request) : V1Manager(record, request)
    }

    // A given path counts from the hierarchy's root as the caller sees it, relative or not: that
    // is the same place for the same value, whoever asks. Without one, the id names a cgroup there
    // too, but a caller without rights has a chance only near its own cgroup.
    private static func hierarchies(
        of request: CgroupRequest, on host: CgroupHost
    ) throws(CgroupError) -> [CgroupHierarchy] {
        var given: String?
        if let path = request.cgroupsPath, !path.isEmpty {
            let normal = try CgroupPath.normalize(path, property: property)
            if normal == "/" {
                throw CgroupError(
                    "cgroup path \"\(path)\" names the root cgroup", property: property)
            }
            given = normal
            if request.isRootless && path.utf8.first != UInt8(ascii: "/") {
                let base = userBase(host.mounts.last?.ownPath ?? "/")
                given = CgroupPath.join(base, normal)
            }
        }
        var result: [CgroupHierarchy] = []
        for mount in host.mounts {
            var path = given ?? "/" + request.id
            if given == nil && request.isRootless {
                // A version 2 cgroup with processes cannot have children with controllers: the
                // new one stands beside the caller's.
                let base =
                    mount.controllers.isEmpty ? CgroupPath.parent(mount.ownPath) : mount.ownPath
                path = CgroupPath.join(base, path)
            }
            result.append(
                CgroupHierarchy(
                    controllers: mount.controllers, mountPoint: mount.mountPoint, path: path))
        }
        return result
    }

    // The part of the tree that systemd hands over to a user, or the root.
    static func userBase(_ ownPath: String) -> String {
        CgroupPath.prefixes(ownPath).first { prefix in
            let name = prefix.split(separator: "/").last ?? ""
            return name.hasPrefix("user@") && name.hasSuffix(".service")
        } ?? "/"
    }
}
