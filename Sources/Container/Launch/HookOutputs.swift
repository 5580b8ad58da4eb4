import Glibc
internal import Kernel
package import OCISpec

/// Where the output of hooks goes, if the configuration says so (`run.oci.hooks.stdout` and
/// `.stderr`); otherwise the end of it becomes a part of the error of a failing hook.
package struct HookOutputs: Equatable, Sendable {
    /// File for standard output.
    package var output: String?
    /// File for standard error.
    package var errors: String?

    /// Files, or nil for none.
    package init(output: String? = nil, errors: String? = nil) {
        self.output = output
        self.errors = errors
    }

    /// What annotations say.
    package init(annotations: [StringEntry]) {
        output = Annotation.hooksOutput.value(in: annotations)
        errors = Annotation.hooksErrors.value(in: annotations)
    }

    init(_ blueprint: Blueprint) { self.init(annotations: blueprint.annotations) }

    init(_ record: ContainerRecord) { self.init(annotations: record.annotations ?? []) }

    /// Opens a file for appending; a new one can be read by its owner alone, because hooks may be
    /// told secrets.
    ///
    /// - Throws: `hook`.
    static func open(_ path: String, at location: String) throws(RuntimeError) -> FileDescriptor {
        do throws(Errno) {
            // A fifo that nobody reads must not hold the launch up; a hook's writes may wait.
            let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY
            let file = try FileDescriptor.open(path, flags | O_NONBLOCK, mode: 0o600)
            try Syscall.call("fcntl") { fcntl(file.rawValue, F_SETFL, O_APPEND) }
            return file
        } catch {
            throw RuntimeError(
                .hook, "cannot open the file for the output of hooks", at: location,
                underlying: SystemError("openat", path, error))
        }
    }

    /// Opens both, each -1 where there is none, for as long as `body` runs.
    func withDescriptors<Result>(
        _ body: (Int32, Int32) throws(RuntimeError) -> Result
    ) throws(RuntimeError) -> Result {
        var output: FileDescriptor?
        var errors: FileDescriptor?
        if let path = self.output {
            output = try Self.open(path, at: Annotation.hooksOutput.location)
        }
        if let path = self.errors {
            errors = try Self.open(path, at: Annotation.hooksErrors.location)
        }
        let numbers = (output?.rawValue ?? -1, errors?.rawValue ?? -1)
        defer {
            _ = output.take()
            _ = errors.take()
        }
        return try body(numbers.0, numbers.1)
    }
}
