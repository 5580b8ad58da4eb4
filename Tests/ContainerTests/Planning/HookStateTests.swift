import OCISpec
import Testing

@testable import Container

/// The state that hooks read on standard input.
@Suite struct HookStateTests {
    private static let state = HookState(
        id: "blue", ociVersion: "1.2.0", bundle: "/bundle",
        annotations: [StringEntry(key: "org.example", value: "\"quoted\"\n")])

    @Test("the specification's members, with the pid that is known")
    func text() {
        #expect(
            Self.state.text(status: .creating, pid: 4242)
                == "{\"ociVersion\":\"1.2.0\",\"id\":\"blue\",\"pid\":4242,\"status\":\"creating\","
                + "\"bundle\":\"/bundle\","
                + "\"annotations\":{\"org.example\":\"\\\"quoted\\\"\\n\"}}")
        for pid in [nil, 0, -1] as [Int32?] {
            #expect(!Self.state.text(status: .stopped, pid: pid).contains("pid"))
        }
        let plain = HookState(id: "blue", ociVersion: "1.2.0", bundle: "/b", annotations: [])
        #expect(!plain.text(status: .running, pid: 1).contains("annotations"))
    }

    @Test("the text around a pid that only the container knows is one document")
    func split() throws {
        let (before, after) = Self.state.split(status: .created)
        let document = before + "1" + after
        let decoded = try JSONDocument.read(
            Array(document.utf8), fileName: "state"
        ) { State($0) }
        #expect(decoded.unknownProperties == [])
        var expected = State(
            ociVersion: "1.2.0", id: "blue", pid: 1, status: .created, bundle: "/bundle")
        expected.annotations = [StringEntry(key: "org.example", value: "\"quoted\"\n")]
        #expect(decoded.value == expected)
    }

    /// The hooks of a plan, with where they run and what they are told.
    private static func told(_ mode: LaunchOptions.Mode) throws -> [String] {
        var spec = Configurations.minimal
        spec.hooks = Hooks(
            createContainer: [Hook(path: "/inner")], startContainer: [Hook(path: "/start")])
        let (blueprint, _) = validated(spec, testOptions { $0.mode = mode })
        let plan = Planner.plan(blueprint, cgroup: try Machine.versionOne.cgroup(blueprint))
        return plan.operations.compactMap { operation in
            guard case .hook(let hook) = operation.op else { return nil }
            let status = hook.stateAfterPid.split(separator: "\"status\":\"").last ?? ""
            return "\(operation.step.origin) \(status.prefix { $0 != "\"" })"
        }
    }

    @Test("a hook is told where in its life the container is")
    func statuses() throws {
        let expected = ["hooks/createContainer/0 creating", "hooks/startContainer/0 created"]
        #expect(try Self.told(.create) == expected)
        #expect(try Self.told(.run) == expected)
    }

    @Test("a hook has a name, and the environment that it is owed")
    func vectors() throws {
        var spec = Configurations.process { $0.env = ["A=b"] }
        spec.hooks = Hooks(
            createContainer: [
                Hook(path: "/one"), Hook(path: "/two", args: []),
                Hook(path: "/three", args: ["x", "y"], env: ["C=d"], timeout: 2),
            ],
            startContainer: [
                Hook(path: "/four"), Hook(path: "/five", env: [], timeout: .max),
            ])
        let (blueprint, _) = validated(spec)
        let plan = Planner.plan(blueprint, cgroup: try Machine.versionOne.cgroup(blueprint))
        var hooks: [PlanOp.ContainerHook] = []
        for operation in plan.operations {
            if case .hook(let hook) = operation.op { hooks.append(hook) }
        }
        #expect(hooks.map(\.arguments) == [["/one"], ["/two"], ["x", "y"], ["/four"], ["/five"]])
        #expect(hooks.map(\.environment) == [[], [], ["C=d"], ["A=b"], []])
        // Beyond what milliseconds can count there is no limit.
        #expect(hooks.map(\.timeout) == [0, 0, 2000, 0, 0])
    }
}
