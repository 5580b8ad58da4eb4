// swift-tools-version: 6.2
import PackageDescription

// A release is one static binary; Debian names its static yajl `yajl_s`, so the linked name follows
// the kind of build (`make release` sets the variable).
let isStatic = Context.environment["APUS_STATIC"] == "1"
// The commit that `apus --version` names; the Makefile sets the variable.
let commit = Context.environment["APUS_COMMIT"] ?? "unknown"
let yajl = isStatic ? "yajl_s" : "yajl"

let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let cSettings: [CSetting] = [
    .treatAllWarnings(as: .error),
    .unsafeFlags([
        "-std=gnu11", "-Wall", "-Wextra", "-Wshadow", "-Wvla", "-Wconversion",
        "-Wstrict-prototypes",
        "-fstack-protector-strong", "-fstack-clash-protection",
    ]),
]

let package = Package(
    name: "apus",
    products: [.executable(name: "apus", targets: ["apus"])],
    targets: [
        // C libraries of the system: a module map and one header each.
        .systemLibrary(name: "CYajl"),
        .systemLibrary(name: "CSeccomp"),
        .systemLibrary(name: "CCap"),
        .systemLibrary(name: "CDBus", pkgConfig: "dbus-1", providers: [.apt(["libdbus-1-dev"])]),

        // C: what runs inside the container before its program, and what Swift cannot call.
        .target(name: "CInit", cSettings: cSettings),
        .target(name: "CKernel", cSettings: cSettings),
        .target(name: "CDBusSupport", cSettings: cSettings),

        // Swift, bottom to top.
        .target(
            name: "OCISpec", dependencies: ["CYajl"], swiftSettings: swiftSettings,
            linkerSettings: [.linkedLibrary(yajl)]),
        .target(name: "Kernel", dependencies: ["CKernel"], swiftSettings: swiftSettings),
        .target(name: "Criu", dependencies: ["Kernel"], swiftSettings: swiftSettings),
        .target(
            name: "Cgroups", dependencies: ["Kernel", "CDBus", "CDBusSupport"],
            swiftSettings: swiftSettings),
        .target(
            name: "Container",
            dependencies: [
                "Cgroups", "Criu", "Kernel", "OCISpec", "CInit", "CKernel", "CSeccomp", "CCap",
            ],
            swiftSettings: swiftSettings,
            linkerSettings: [.linkedLibrary("seccomp"), .linkedLibrary("cap")]),
        .target(
            name: "CLI",
            dependencies: ["Container", "Cgroups", "Kernel", "OCISpec", "CKernel", "CSeccomp"],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "apus", dependencies: ["CLI", "CInit"],
            cSettings: cSettings + [.define("APUS_COMMIT", to: "\"\(commit)\"")]),

        .testTarget(name: "OCISpecTests", dependencies: ["OCISpec"], swiftSettings: swiftSettings),
        .testTarget(
            name: "KernelTests", dependencies: ["Kernel", "CKernel"], swiftSettings: swiftSettings),
        .testTarget(
            name: "CriuTests", dependencies: ["Criu", "Kernel"], swiftSettings: swiftSettings),
        .testTarget(
            name: "CgroupsTests", dependencies: ["Cgroups", "Kernel"], swiftSettings: swiftSettings),
        .testTarget(
            name: "ContainerTests",
            dependencies: [
                "Container", "Cgroups", "Criu", "Kernel", "OCISpec", "CInit", "CKernel",
            ],
            swiftSettings: swiftSettings),
        .testTarget(name: "InitTests", dependencies: ["CInit"], swiftSettings: swiftSettings),
        .testTarget(
            name: "CLITests", dependencies: ["CLI", "Cgroups", "Container", "Kernel", "OCISpec"],
            swiftSettings: swiftSettings),
    ]
)
