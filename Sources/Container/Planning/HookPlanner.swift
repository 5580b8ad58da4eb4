package import OCISpec

/// Plans the hooks that belong to the creation and the start of a container.
enum HookPlanner {
    /// The hooks of the runtime's namespaces, run by the parent while the init stage waits.
    static func runtimeHooks(_ blueprint: Blueprint, _ plan: inout Plan) {
        let prestart = blueprint.hooks.prestart ?? []
        let createRuntime = blueprint.hooks.createRuntime ?? []
        let devices = blueprint.netDevices
        guard !prestart.isEmpty || !createRuntime.isEmpty || !devices.isEmpty else { return }
        plan.add(
            .sync(.hooks),
            !devices.isEmpty
                ? "linux/netDevices"
                : prestart.isEmpty ? "hooks/createRuntime" : "hooks/prestart")
        if !devices.isEmpty { plan.host(.moveDevices(devices), "linux/netDevices") }
        if !prestart.isEmpty { plan.host(.runHooks(.prestart, prestart), "hooks/prestart") }
        if !createRuntime.isEmpty {
            plan.host(.runHooks(.createRuntime, createRuntime), "hooks/createRuntime")
        }
    }

    /// The slots of the files that hooks inside write to.
    typealias Outputs = (output: PlanOp.Slot?, errors: PlanOp.Slot?)

    /// Opens the files for the output of hooks that run inside.
    static func openOutputs(_ blueprint: Blueprint, _ plan: inout Plan) -> Outputs {
        let hooks = blueprint.hooks
        if (hooks.createContainer ?? []).isEmpty && (hooks.startContainer ?? []).isEmpty {
            return (nil, nil)
        }
        return (
            open(.hooksOutput, blueprint, &plan), open(.hooksErrors, blueprint, &plan)
        )
    }

    private static func open(
        _ annotation: Annotation, _ blueprint: Blueprint, _ plan: inout Plan
    ) -> PlanOp.Slot? {
        guard let path = blueprint.annotation(annotation) else { return nil }
        let slot = plan.newSlot()
        plan.host(.openHookOutput(slot: slot, path: path), annotation.location)
        return slot
    }

    /// The hooks that run inside: createContainer before the pivot, startContainer before exec.
    static func containerHooks(
        _ blueprint: Blueprint, _ kind: String, _ outputs: Outputs, _ plan: inout Plan
    ) {
        let isStart = kind == "startContainer"
        let hooks =
            (isStart ? blueprint.hooks.startContainer : blueprint.hooks.createContainer) ?? []
        guard !hooks.isEmpty else { return }
        let state = HookState(blueprint).split(status: isStart ? .created : .creating)
        for (index, hook) in hooks.enumerated() {
            plan.add(
                .hook(
                    PlanOp.ContainerHook(
                        path: hook.path, arguments: hook.argumentVector,
                        environment: hook.env ?? (isStart ? blueprint.process.environment : []),
                        stateBeforePid: state.before, stateAfterPid: state.after,
                        timeout: hook.timeoutMilliseconds, output: outputs.output,
                        errors: outputs.errors)),
                "hooks/\(kind)/\(index)", label: hook.path)
        }
    }
}

extension Hook {
    /// What the hook gets as `argv`: its own path where the configuration says nothing.
    var argumentVector: [String] {
        guard let args, !args.isEmpty else { return [path] }
        return args
    }

    /// The time in milliseconds; 0 for none, and for one that no clock would see the end of.
    fileprivate var timeoutMilliseconds: UInt64 {
        let (product, overflow) = UInt64(max(0, timeout ?? 0)).multipliedReportingOverflow(by: 1000)
        return overflow ? 0 : product
    }
}

/// The state that hooks read on standard input (runtime-spec, "State").
package struct HookState: Equatable, Sendable {
    private var state: State

    /// The state of a container that is being made.
    package init(_ blueprint: Blueprint) {
        self.init(
            id: blueprint.options.id, ociVersion: blueprint.ociVersion,
            bundle: blueprint.options.bundle, annotations: blueprint.annotations)
    }

    /// The state of a container by its properties.
    package init(id: String, ociVersion: String, bundle: String, annotations: [StringEntry]) {
        state = State(
            ociVersion: ociVersion, id: id, pid: nil, status: .creating, bundle: bundle,
            annotations: annotations.isEmpty ? nil : annotations)
    }

    /// The JSON text for a process that the caller knows; 0 and nil leave the pid out.
    package func text(status: ContainerStatus, pid: Int32?) -> String {
        var state = state
        state.status = status
        state.pid = pid.flatMap { $0 > 0 ? Int64($0) : nil }
        return encoded(state)
    }

    /// The JSON text around a pid that only the container knows.
    package func split(status: ContainerStatus) -> (before: String, after: String) {
        var state = state
        state.status = status
        return ("{\"pid\":", "," + encoded(state).dropFirst())
    }

    private func encoded(_ state: State) -> String {
        var writer = JSONWriter(.compact)
        writer.object { state.writeMembers(to: &$0) }
        return writer.text
    }
}
