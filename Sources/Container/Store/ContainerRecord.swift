package import Cgroups
package import Kernel
package import OCISpec

/// What the state directory remembers of a container (`state.json`): only what later commands
/// cannot learn from the kernel or from the copy of `config.json`.
///
/// A record without process is written before anything is made on the host, so that whatever a
/// killed `create` leaves behind is known to `delete --force`.
package struct ContainerRecord: Sendable, Equatable {
    /// The format that this version writes, and the newest that it reads.
    package static var currentVersion: Int { 1 }

    /// The container's name.
    package var id: String
    /// `ociVersion` of its configuration.
    package var ociVersion: String
    /// The bundle directory, absolute.
    package var bundle: String
    /// The root file system, absolute.
    package var rootfs: String
    /// The first process of the container, as the runtime sees it; `nil` while it is created.
    package var process: ProcessIdentity?
    /// The process that creates it, as that sees itself; `nil` in records of older versions.
    package var creator: Int32?
    /// When it was created: RFC 3339, UTC.
    package var created: String
    /// Where its cgroup is.
    package var cgroup: CgroupRecord
    /// The annotations of the configuration.
    package var annotations: [StringEntry]?
    /// Hooks that `start` runs.
    package var poststart: [Hook]?
    /// Hooks that `delete` runs.
    package var poststop: [Hook]?
    /// The user who created it.
    package var ownerUID: UInt32
    /// Whether its PID namespace is its own, so that all of it ends with its first process.
    package var hasPrivatePIDs: Bool
    /// Whether its processes have the session keyring of who made it (`--no-new-keyring`).
    package var keepsKeyring = false
    /// Directories of resctrl that `delete` removes, in that order.
    package var resctrl: [String]?
    /// What descriptors 0, 1 and 2 were at creation, for checkpoints.
    package var externalDescriptors: [String]?
    /// The pseudo-terminal, as the container names it, if it has one.
    package var console: String?

    /// Creates a record; what is not given is absent.
    package init(
        id: String, ociVersion: String, bundle: String, rootfs: String,
        process: ProcessIdentity? = nil, created: String, cgroup: CgroupRecord,
        annotations: [StringEntry]? = nil, poststart: [Hook]? = nil, poststop: [Hook]? = nil,
        ownerUID: UInt32, hasPrivatePIDs: Bool = true, externalDescriptors: [String]? = nil,
        console: String? = nil
    ) {
        self.id = id
        self.ociVersion = ociVersion
        self.bundle = bundle
        self.rootfs = rootfs
        self.process = process
        self.created = created
        self.cgroup = cgroup
        self.annotations = annotations
        self.poststart = poststart
        self.poststop = poststop
        self.ownerUID = ownerUID
        self.hasPrivatePIDs = hasPrivatePIDs
        self.externalDescriptors = externalDescriptors
        self.console = console
    }
}

// MARK: - JSON

extension ContainerRecord: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        id = object.requiredString("id")
        ociVersion = object.requiredString("ociVersion")
        bundle = object.requiredString("bundle")
        rootfs = object.requiredString("rootfs")
        created = object.requiredString("created")
        ownerUID = object.requiredInteger("ownerUID")
        hasPrivatePIDs = object.bool("hasPrivatePIDs") ?? false
        keepsKeyring = object.bool("keepsKeyring") ?? false
        annotations = object.stringEntries("annotations")
        poststart = object.objects("poststart")
        poststop = object.objects("poststop")
        resctrl = object.strings("resctrl")
        externalDescriptors = object.strings("externalDescriptors")
        console = object.string("console")
        creator = object.integer("creator", atLeast: 1)
        let absent = CgroupRecord(layout: .v1, driver: .disabled, hierarchies: [])
        if let cgroup = object.object("cgroup") as CgroupRecord? {
            self.cgroup = cgroup
        } else {
            cgroup = absent
            object.reject("cgroup", "the property cgroup is missing")
        }
        let pid: Int32? = object.integer("pid", atLeast: 1)
        let startTime: UInt64? = object.integer("startTime")
        if let pid, let startTime {
            process = ProcessIdentity(pid: pid, startTime: startTime)
        } else if pid != nil {
            object.reject("startTime", "startTime is needed beside pid")
        }
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("version", Self.currentVersion)
        writer.member("id", id)
        writer.member("ociVersion", ociVersion)
        writer.member("bundle", bundle)
        writer.member("rootfs", rootfs)
        writer.member("pid", process?.pid)
        writer.member("startTime", process?.startTime)
        writer.member("creator", creator)
        writer.member("created", created)
        writer.member("ownerUID", ownerUID)
        writer.member("hasPrivatePIDs", hasPrivatePIDs)
        writer.member("keepsKeyring", keepsKeyring ? true : nil)
        writer.member("cgroup", cgroup)
        writer.member("annotations", annotations)
        writer.member("poststart", poststart)
        writer.member("poststop", poststop)
        writer.member("resctrl", resctrl)
        writer.member("externalDescriptors", externalDescriptors)
        writer.member("console", console)
    }

    /// Reads a document.
    ///
    /// - Throws: `damaged`; `system` for one that a newer version wrote, which can use it.
    package static func parse(_ bytes: [UInt8]) throws(RuntimeError) -> ContainerRecord {
        var isNewer = false
        do throws(SpecError) {
            let decoded = try JSONDocument.read(bytes, fileName: "state.json") { object in
                let version: Int = object.requiredInteger("version")
                if version != currentVersion {
                    isNewer = version > currentVersion
                    let known = "this version of apus reads format \(currentVersion)"
                    object.reject(
                        "version", "expected \(currentVersion), found \(version): \(known)")
                }
                return ContainerRecord(object)
            }
            return decoded.value
        } catch {
            throw RuntimeError(
                isNewer ? .system : .damaged,
                "cannot read the container's record: \(error.description)")
        }
    }
}

extension CgroupRecord: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        let layout = CgroupLayout(rawValue: object.requiredString("layout"))
        let driver = CgroupDriver(rawValue: object.requiredString("driver"))
        if layout == nil { object.reject("layout", "expected v1, hybrid or unified") }
        if driver == nil { object.reject("driver", "expected cgroupfs, systemd or disabled") }
        self.init(
            layout: layout ?? .v1, driver: driver ?? .disabled,
            hierarchies: object.objects("hierarchies") ?? [],
            unit: object.string("unit"), subgroup: object.string("subgroup"))
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("layout", layout)
        writer.member("driver", driver)
        writer.member("hierarchies", hierarchies)
        writer.member("unit", unit)
        writer.member("subgroup", subgroup)
    }
}

extension CgroupHierarchy: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        self.init(
            controllers: object.requiredString("controllers"),
            mountPoint: object.requiredString("mountPoint"), path: object.requiredString("path"))
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("controllers", controllers)
        writer.member("mountPoint", mountPoint)
        writer.member("path", path)
    }
}
