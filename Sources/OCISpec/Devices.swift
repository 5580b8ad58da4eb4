/// A device node to create (`/linux/devices/N`, mknod(2)).
package struct Device: Sendable, Equatable {
    /// Where, inside the container.
    package var path: String
    /// The kind of node.
    package var type: DeviceType
    /// The major number; not for a fifo.
    package var major: Int64?
    /// The minor number; not for a fifo.
    package var minor: Int64?
    /// Permission bits; engines also send the file type bits of st_mode.
    package var fileMode: UInt32?
    /// The owner inside the container.
    package var uid: UInt32?
    /// The group inside the container.
    package var gid: UInt32?

    /// Creates a value; what is not given is absent.
    package init(
        path: String, type: DeviceType, major: Int64? = nil, minor: Int64? = nil,
        fileMode: UInt32? = nil, uid: UInt32? = nil, gid: UInt32? = nil
    ) {
        self.path = path
        self.type = type
        self.major = major
        self.minor = minor
        self.fileMode = fileMode
        self.uid = uid
        self.gid = gid
    }
}

extension Device: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        path = object.requiredString("path")
        type = object.requiredKeyword("type", placeholder: .character)
        major = object.integer("major")
        minor = object.integer("minor")
        fileMode = object.integer("fileMode")
        uid = object.integer("uid")
        gid = object.integer("gid")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("path", path)
        writer.member("type", type)
        writer.member("major", major)
        writer.member("minor", minor)
        writer.member("fileMode", fileMode)
        writer.member("uid", uid)
        writer.member("gid", gid)
    }
}

/// Kinds of device nodes.
package enum DeviceType: String, Sendable, CaseIterable {
    case character = "c"
    case block = "b"
    case unbuffered = "u"
    case fifo = "p"
}
