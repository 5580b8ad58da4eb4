/// The state of a container: printed by `state` and `list`, given to hooks on standard input.
///
/// Hooks get the specification's members; `rootfs`, `created` and `owner` are what engines expect
/// of `state` beyond them. Members are written in the order that engines know.
package struct State: Sendable, Equatable {
    /// The version of the specification that the state follows.
    package var ociVersion: String
    /// The container's id.
    package var id: String
    /// The first process, seen from the host; 0 or absent when stopped.
    package var pid: Int64?
    /// Where in its life the container is.
    package var status: ContainerStatus
    /// The bundle directory, absolute.
    package var bundle: String
    /// The root file system, absolute.
    package var rootfs: String?
    /// The time of creation (RFC 3339, UTC).
    package var created: String?
    /// The annotations of the configuration.
    package var annotations: [StringEntry]?
    /// The user who created the container.
    package var owner: String?

    /// Creates a value; what is not given is absent.
    package init(
        ociVersion: String, id: String, pid: Int64? = nil, status: ContainerStatus, bundle: String,
        rootfs: String? = nil, created: String? = nil, annotations: [StringEntry]? = nil,
        owner: String? = nil
    ) {
        self.ociVersion = ociVersion
        self.id = id
        self.pid = pid
        self.status = status
        self.bundle = bundle
        self.rootfs = rootfs
        self.created = created
        self.annotations = annotations
        self.owner = owner
    }
}

extension State: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        ociVersion = object.requiredString("ociVersion")
        id = object.requiredString("id")
        pid = object.integer("pid")
        status = object.requiredKeyword("status", placeholder: .creating)
        bundle = object.requiredString("bundle")
        rootfs = object.string("rootfs")
        created = object.string("created")
        annotations = object.stringEntries("annotations")
        owner = object.string("owner")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("ociVersion", ociVersion)
        writer.member("id", id)
        writer.member("pid", pid)
        writer.member("status", status)
        writer.member("bundle", bundle)
        writer.member("rootfs", rootfs)
        writer.member("created", created)
        writer.member("annotations", annotations)
        writer.member("owner", owner)
    }
}

/// Where in its life a container is; `paused` is an addition of the runtimes.
package enum ContainerStatus: String, Sendable, CaseIterable {
    case creating
    case created
    case running
    case paused
    case stopped
}

/// What a seccomp listener receives along with the descriptors.
package struct ContainerProcessState: Sendable, Equatable {
    /// The version of the specification.
    package var ociVersion: String
    /// The names of the descriptors that come along, in their order.
    package var fds: [String]?
    /// The process that the filter was loaded in, seen from the host.
    package var pid: Int64
    /// The `listenerMetadata` of the configuration.
    package var metadata: String?
    /// The container's state.
    package var state: State?

    /// Creates a value; what is not given is absent.
    package init(
        ociVersion: String, fds: [String]? = nil, pid: Int64, metadata: String? = nil,
        state: State? = nil
    ) {
        self.ociVersion = ociVersion
        self.fds = fds
        self.pid = pid
        self.metadata = metadata
        self.state = state
    }
}

extension ContainerProcessState: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        ociVersion = object.requiredString("ociVersion")
        fds = object.strings("fds")
        pid = object.requiredInteger("pid")
        metadata = object.string("metadata")
        state = object.object("state")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("ociVersion", ociVersion)
        writer.member("fds", fds)
        writer.member("pid", pid)
        writer.member("metadata", metadata)
        writer.member("state", state)
    }
}
