/// Programs run at points of the lifecycle (`/hooks`), each list in order.
package struct Hooks: Sendable, Equatable {
    /// Before pivot_root, in the runtime's namespaces (deprecated).
    package var prestart: [Hook]?
    /// Right after `prestart`, in the runtime's namespaces.
    package var createRuntime: [Hook]?
    /// Before pivot_root, in the container's namespaces.
    package var createContainer: [Hook]?
    /// In `start`, before the program's execve(2), in the container.
    package var startContainer: [Hook]?
    /// In `start`, after the program's execve(2), in the runtime's namespaces.
    package var poststart: [Hook]?
    /// In `delete`, after the container's resources are gone.
    package var poststop: [Hook]?

    /// Creates a value; what is not given is absent.
    package init(
        prestart: [Hook]? = nil, createRuntime: [Hook]? = nil, createContainer: [Hook]? = nil,
        startContainer: [Hook]? = nil, poststart: [Hook]? = nil, poststop: [Hook]? = nil
    ) {
        self.prestart = prestart
        self.createRuntime = createRuntime
        self.createContainer = createContainer
        self.startContainer = startContainer
        self.poststart = poststart
        self.poststop = poststop
    }
}

extension Hooks: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        prestart = object.objects("prestart")
        createRuntime = object.objects("createRuntime")
        createContainer = object.objects("createContainer")
        startContainer = object.objects("startContainer")
        poststart = object.objects("poststart")
        poststop = object.objects("poststop")
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("prestart", prestart)
        writer.member("createRuntime", createRuntime)
        writer.member("createContainer", createContainer)
        writer.member("startContainer", startContainer)
        writer.member("poststart", poststart)
        writer.member("poststop", poststop)
    }
}

/// One program of a hook point (`/hooks/POINT/N`).
package struct Hook: Sendable, Equatable {
    /// The program, absolute.
    package var path: String
    /// Its argument vector, argv[0] included.
    package var args: [String]?
    /// Its environment.
    package var env: [String]?
    /// Seconds until it is killed; above 0.
    package var timeout: Int64?

    /// Creates a value; what is not given is absent.
    package init(path: String, args: [String]? = nil, env: [String]? = nil, timeout: Int64? = nil) {
        self.path = path
        self.args = args
        self.env = env
        self.timeout = timeout
    }
}

extension Hook: JSONObject {
    /// Reads the members.
    package init(_ object: ObjectReader) {
        path = object.requiredString("path")
        args = object.strings("args")
        env = object.strings("env")
        timeout = object.integer("timeout", atLeast: 1)
    }

    /// Writes the members that are present.
    package func writeMembers(to writer: inout JSONWriter) {
        writer.member("path", path)
        writer.member("args", args)
        writer.member("env", env)
        writer.member("timeout", timeout)
    }
}
