/// A container's configuration: the contents of `config.json`.
///
/// Property names are the JSON keys of runtime-spec 1.3.0. An absent property (or one that is `null`)
/// is nil, so that presence survives; the platform objects `solaris`, `windows`, `vm`, `zos` and
/// `freebsd` are ignored.
package struct Spec: Sendable, Equatable {
    /// The version of the specification that the configuration follows (SemVer).
    package var ociVersion: String
    /// The program to run; required by `start`, not by `create`.
    package var process: Process?
    /// The container's root file system.
    package var root: Root?
    /// The host name seen inside; needs a private UTS namespace.
    package var hostname: String?
    /// The NIS domain name seen inside; needs a private UTS namespace.
    package var domainname: String?
    /// Further mounts, in the order of mounting.
    package var mounts: [Mount]?
    /// Programs to run at points of the lifecycle.
    package var hooks: Hooks?
    /// Free-form metadata, in the order of the document.
    package var annotations: [StringEntry]?
    /// What only Linux has.
    package var linux: Linux?

    /// Creates a value; what is not given is absent.
    package init(
        ociVersion: String, process: Process? = nil, root: Root? = nil, hostname: String? = nil,
        domainname: String? = nil, mounts: [Mount]? = nil, hooks: Hooks? = nil,
        annotations: [StringEntry]? = nil, linux: Linux? = nil
    ) {
        self.ociVersion = ociVersion
        self.process = process
        self.root = root
        self.hostname = hostname
        self.domainname = domainname
        self.mounts = mounts
        self.hooks = hooks
        self.annotations = annotations
        self.linux = linux
    }
}

extension Spec: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        ociVersion = object.requiredString("ociVersion")
        process = object.object("process")
        root = object.object("root")
        hostname = object.string("hostname")
        domainname = object.string("domainname")
        mounts = object.objects("mounts")
        hooks = object.object("hooks")
        annotations = object.stringEntries("annotations")
        linux = object.object("linux")
        object.ignore("solaris")
        object.ignore("windows")
        object.ignore("vm")
        object.ignore("zos")
        object.ignore("freebsd")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("ociVersion", ociVersion)
        writer.member("process", process)
        writer.member("root", root)
        writer.member("hostname", hostname)
        writer.member("domainname", domainname)
        writer.member("mounts", mounts)
        writer.member("hooks", hooks)
        writer.member("annotations", annotations)
        writer.member("linux", linux)
    }
}

/// The root file system (`/root`).
package struct Root: Sendable, Equatable {
    /// Its directory: absolute, or relative to the bundle.
    package var path: String
    /// Whether the root is read-only inside the container.
    package var readonly: Bool?

    /// Creates a value; what is not given is absent.
    package init(path: String, readonly: Bool? = nil) {
        self.path = path
        self.readonly = readonly
    }
}

extension Root: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        path = object.requiredString("path")
        readonly = object.bool("readonly")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("path", path)
        writer.member("readonly", readonly)
    }
}

/// One entry of a JSON object whose values are strings, such as `annotations`.
package struct StringEntry: Sendable, Equatable {
    /// The key; never empty in a valid document.
    package var key: String
    /// The value.
    package var value: String

    /// Creates a value; what is not given is absent.
    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
