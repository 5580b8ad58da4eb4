import Glibc
internal import Kernel
package import OCISpec

/// Runs the hooks of the runtime's namespaces: `prestart`, `createRuntime`, `poststart` and
/// `poststop`.
///
/// A hook gets exactly the arguments and the environment of the configuration (nothing of the
/// runtime's own), the container's state on standard input, and the bundle as its working directory.
package struct HookRunner {
    /// The container's state as a JSON document.
    package let state: [UInt8]
    /// The working directory of the hooks; the caller's where there is none of that name any more.
    package let bundle: String

    /// Where their output goes.
    package let outputs: HookOutputs
    /// What ends a hook before its time, or nil.
    private let interruption: Interruption?

    /// Prepares to run hooks.
    package init(
        state: [UInt8], bundle: String, outputs: HookOutputs = HookOutputs(),
        interruption: Interruption? = nil
    ) {
        self.state = state
        self.bundle = bundle
        self.outputs = outputs
        self.interruption = interruption
    }

    /// Prepares to run hooks of a container that is being made.
    init(
        _ blueprint: Blueprint, _ status: ContainerStatus, pid: Int32?,
        _ interruption: Interruption?
    ) {
        let state = HookState(blueprint).text(status: status, pid: pid)
        self.init(
            state: Array(state.utf8), bundle: blueprint.options.bundle,
            outputs: HookOutputs(blueprint), interruption: interruption)
    }

    /// Runs hooks in order and stops at the first that fails.
    ///
    /// - Parameter location: where the list is, such as `hooks/createRuntime`.
    /// - Throws: `hook`: it cannot be executed, ends with another status than 0, or takes longer
    ///   than its timeout; `interrupted`.
    package func run(_ hooks: [Hook], at location: String) throws(RuntimeError) {
        for (index, hook) in hooks.enumerated() {
            try run(hook, at: "\(location)/\(index)")
        }
    }

    /// Runs all hooks in order, whatever becomes of them, as `poststop` wants.
    ///
    /// - Returns: the failures.
    package func runAll(_ hooks: [Hook], at location: String) -> [RuntimeError] {
        var failures: [RuntimeError] = []
        for (index, hook) in hooks.enumerated() {
            do throws(RuntimeError) { try run(hook, at: "\(location)/\(index)") } catch {
                failures.append(error)
            }
        }
        return failures
    }

    /// Runs the poststop hooks of a container that was not made in the end.
    ///
    /// A failed hook ends the container's life, which its poststop hooks see (runtime-spec,
    /// "Lifecycle", steps 5 to 13). So does an end that somebody asked for, once there were hooks.
    ///
    /// - Returns: their failures, as sentences.
    static func runPoststop(
        _ blueprint: Blueprint, after error: RuntimeError, hasRunHooks: Bool,
        _ interruption: Interruption?
    ) -> [String] {
        let endsLife = error.code == .hook || (error.code == .interrupted && hasRunHooks)
        guard endsLife, let hooks = blueprint.hooks.poststop else { return [] }
        return HookRunner(blueprint, .stopped, pid: nil, interruption)
            .runAll(hooks, at: "hooks/poststop").map(\.description)
    }

    /// The bundle's descriptor, or -1 when there is no bundle any more.
    private func openBundle(_ location: String, _ label: String) throws(RuntimeError) -> Int32 {
        do throws(Errno) {
            return try FileDescriptor.open(bundle, O_PATH | O_DIRECTORY).take()
        } catch .noEntry, .notDirectory {
            return -1
        } catch {
            throw RuntimeError(
                .hook, "cannot open the bundle, where the hook starts", at: location, label: label,
                underlying: SystemError("openat", bundle, error))
        }
    }

    private func run(_ hook: Hook, at location: String) throws(RuntimeError) {
        var request = SpawnRequest(
            path: hook.path, arguments: hook.argumentVector, environment: hook.env ?? [])
        let directory = try openBundle(location, hook.path)
        defer { if directory >= 0 { close(directory) } }
        request.workingDirectory = directory
        let outcome = try outputs.withDescriptors { (output, errors) throws(RuntimeError) in
            do throws(SystemError) {
                return try CapturedProcess.run(
                    request, input: state, output: output, errors: errors,
                    until: deadline(of: hook), interruption: interruption?.rawValue ?? -1)
            } catch {
                throw RuntimeError(
                    .hook, "cannot run the hook", at: location, label: hook.path,
                    underlying: error)
            }
        }
        if outcome.status == .exited(0) { return }
        if outcome.isInterrupted, let interruption { throw interruption.error() }
        var message = outcome.summary
        if outcome.status == nil, let timeout = hook.timeout {
            message = "not done after \(timeout) s: \(message)"
        }
        throw RuntimeError(.hook, message, at: location, label: hook.path)
    }

    private func deadline(of hook: Hook) -> Deadline {
        guard let seconds = hook.timeout else { return .never }
        let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow ? .never : .after(milliseconds: milliseconds)
    }
}
