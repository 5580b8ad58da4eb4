import OCISpec

@testable import Container

/// What a validation found.
struct Findings: Equatable {
    /// Errors as the user reads them, without line and column.
    var errors: [String]
    var warnings: [String]

    init(_ diagnostics: Diagnostics) {
        errors = diagnostics.errors.map(\.description)
        warnings = diagnostics.warnings
    }
}

/// Configurations made in tests: a good one, and changes to it.
enum Configurations {
    /// The smallest configuration without mistakes.
    static var minimal: Spec {
        Spec(
            ociVersion: "1.3.0", process: Process(args: ["/bin/true"], cwd: "/"),
            root: Root(path: "rootfs"), linux: Linux(namespaces: [Namespace(type: .mount)]))
    }

    /// The smallest configuration with a change.
    static func changed(_ change: (inout Spec) -> Void) -> Spec {
        var spec = minimal
        change(&spec)
        return spec
    }

    /// The smallest configuration with a change below `process`.
    static func process(_ change: (inout Process) -> Void) -> Spec {
        changed { spec in
            var process = spec.process ?? Process(cwd: "/")
            change(&process)
            spec.process = process
        }
    }

    /// The smallest configuration with a change below `linux`.
    static func linux(_ change: (inout Linux) -> Void) -> Spec {
        changed { spec in
            var linux = spec.linux ?? Linux()
            change(&linux)
            spec.linux = linux
        }
    }

    /// The smallest configuration with a user namespace of its own.
    static func mapped(
        uid: [IDMapping]? = [IDMapping(containerID: 0, hostID: 100_000, size: 65536)],
        gid: [IDMapping]? = [IDMapping(containerID: 0, hostID: 200_000, size: 65536)],
        _ change: (inout Spec) -> Void = { _ in }
    ) -> Spec {
        var spec = linux { linux in
            linux.namespaces = [Namespace(type: .mount), Namespace(type: .user)]
            linux.uidMappings = uid
            linux.gidMappings = gid
        }
        change(&spec)
        return spec
    }
}

/// The options that tests use unless they say otherwise.
func testOptions(_ change: (inout LaunchOptions) -> Void = { _ in }) -> LaunchOptions {
    var options = LaunchOptions(id: "blue", bundle: "/bundle")
    change(&options)
    return options
}

/// Validates a configuration.
func validated(
    _ spec: Spec, _ options: LaunchOptions = testOptions(), _ facts: HostFacts = HostFacts()
) -> (blueprint: Blueprint, findings: Findings) {
    var diagnostics = Diagnostics()
    let blueprint = Blueprint(spec, options: options, facts: facts, &diagnostics)
    return (blueprint, Findings(diagnostics))
}

/// What a validation finds in a configuration.
func findings(
    _ spec: Spec, _ options: LaunchOptions = testOptions(), _ facts: HostFacts = HostFacts()
) -> Findings {
    validated(spec, options, facts).findings
}
