/// A namespace to create, or to join (`/linux/namespaces/N`).
package struct Namespace: Sendable, Equatable {
    /// Its type.
    package var type: NamespaceType
    /// The file of an existing namespace to join; absent means a new one.
    package var path: String?

    /// Creates a value; what is not given is absent.
    package init(type: NamespaceType, path: String? = nil) {
        self.type = type
        self.path = path
    }
}

extension Namespace: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        type = object.requiredKeyword("type", placeholder: .pid)
        path = object.string("path")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("type", type)
        writer.member("path", path)
    }
}

/// Types of namespaces (namespaces(7)).
package enum NamespaceType: String, Sendable, CaseIterable {
    case pid
    case network
    case mount
    case ipc
    case uts
    case user
    case cgroup
    case time
}

/// A range of ids in a user namespace (user_namespaces(7)).
package struct IDMapping: Sendable, Equatable {
    /// The first id inside.
    package var containerID: UInt32
    /// The first id outside.
    package var hostID: UInt32
    /// How many ids.
    package var size: UInt32

    /// Creates a value; what is not given is absent.
    package init(containerID: UInt32, hostID: UInt32, size: UInt32) {
        self.containerID = containerID
        self.hostID = hostID
        self.size = size
    }
}

extension IDMapping: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        containerID = object.requiredInteger("containerID")
        hostID = object.requiredInteger("hostID")
        size = object.requiredInteger("size")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("containerID", containerID)
        writer.member("hostID", hostID)
        writer.member("size", size)
    }
}

/// Clock offsets of a time namespace (`/linux/timeOffsets`, time_namespaces(7)).
package struct TimeOffsets: Sendable, Equatable {
    /// The offset of CLOCK_MONOTONIC.
    package var monotonic: TimeOffset?
    /// The offset of CLOCK_BOOTTIME.
    package var boottime: TimeOffset?

    /// Creates a value; what is not given is absent.
    package init(monotonic: TimeOffset? = nil, boottime: TimeOffset? = nil) {
        self.monotonic = monotonic
        self.boottime = boottime
    }
}

extension TimeOffsets: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        monotonic = object.object("monotonic")
        boottime = object.object("boottime")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("monotonic", monotonic)
        writer.member("boottime", boottime)
    }
}

/// The offset of one clock.
package struct TimeOffset: Sendable, Equatable {
    /// Seconds; 0 when absent.
    package var secs: Int64?
    /// Nanoseconds; 0 when absent.
    package var nanosecs: UInt32?

    /// Creates a value; what is not given is absent.
    package init(secs: Int64? = nil, nanosecs: UInt32? = nil) {
        self.secs = secs
        self.nanosecs = nanosecs
    }
}

extension TimeOffset: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        secs = object.integer("secs")
        nanosecs = object.integer("nanosecs")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("secs", secs)
        writer.member("nanosecs", nanosecs)
    }
}
