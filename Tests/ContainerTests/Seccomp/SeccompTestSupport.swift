import Cgroups
import Container
import Glibc
import Kernel
import OCISpec
import Testing

/// A profile from a specification that must be good.
func profile(_ seccomp: Seccomp) -> SeccompProfile {
    var diagnostics = Diagnostics()
    let profile = SeccompProfile(seccomp, &diagnostics)
    #expect(diagnostics.errors.map(\.description) == [])
    return profile
}

/// What is wrong with a specification: location and sentence.
func mistakes(_ seccomp: Seccomp) -> [String] {
    var diagnostics = Diagnostics()
    _ = SeccompProfile(seccomp, &diagnostics)
    return diagnostics.errors.map(\.description)
}

/// The profile of the usual size.
func defaultProfile() throws -> SeccompProfile {
    let components = #filePath.split(separator: "/").dropLast(4)
    let path =
        "/" + components.joined(separator: "/")
        + "/spec-fixtures/config/good/seccomp-default.json"
    let bytes = try FileDescriptor.open(path, O_RDONLY).readAll()
    return profile(try #require(try SpecDecoder.decode(bytes).spec.linux?.seccomp))
}

/// The blueprint of a container with a filter.
func blueprint(
    _ seccomp: Seccomp?, noNewPrivileges: Bool, mode: LaunchOptions.Mode = .create
) -> Blueprint {
    let spec = Spec(
        ociVersion: "1.3.0",
        process: Process(args: ["/bin/true"], cwd: "/", noNewPrivileges: noNewPrivileges),
        root: Root(path: "rootfs"), annotations: [StringEntry(key: "key", value: "value")],
        linux: Linux(namespaces: [Namespace(type: .mount)], seccomp: seccomp))
    var options = LaunchOptions(id: "box", bundle: "/bundle")
    options.mode = mode
    var diagnostics = Diagnostics()
    let blueprint = Blueprint(spec, options: options, facts: HostFacts(), &diagnostics)
    #expect(diagnostics.errors.map(\.description) == [])
    return blueprint
}

/// `AUDIT_ARCH_*` of linux/audit.h.
enum Audit {
    static let x86_64: UInt32 = 0xc000_003e
    static let i386: UInt32 = 0x4000_0003
    static let aarch64: UInt32 = 0xc000_00b7
}

/// `SECCOMP_RET_*` of linux/seccomp.h.
enum Answer {
    static let allow: UInt32 = 0x7fff_0000
    static let kill: UInt32 = 0
    static func errno(_ number: Int32) -> UInt32 { 0x5_0000 | UInt32(number) }
}
