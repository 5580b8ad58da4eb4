import Testing

@testable import OCISpec

@Suite("Documents that the runtime prints")
struct OutputTests {
    private func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    @Test("the state of hooks has the specification's members alone")
    func hookState() {
        let state = State(
            ociVersion: "1.3.0", id: "blue", status: .creating, bundle: "/srv/blue")
        let expected =
            #"{"ociVersion":"1.3.0","id":"blue","status":"creating","bundle":"/srv/blue"}"#
        #expect(text(state.json(.compact)) == expected)
    }

    @Test("the state command prints the order that engines know, without a last newline")
    func stateCommand() {
        let state = State(
            ociVersion: "1.3.0", id: "blue", pid: 42, status: .running, bundle: "/srv/blue",
            rootfs: "/srv/blue/rootfs", created: "2026-01-02T03:04:05.678Z",
            annotations: [StringEntry(key: "a", value: "b")], owner: "")
        let expected = """
            {
              "ociVersion": "1.3.0",
              "id": "blue",
              "pid": 42,
              "status": "running",
              "bundle": "/srv/blue",
              "rootfs": "/srv/blue/rootfs",
              "created": "2026-01-02T03:04:05.678Z",
              "annotations": {
                "a": "b"
              },
              "owner": ""
            }
            """
        #expect(text(state.json(.spaces)) == expected)
    }

    @Test("a seccomp listener gets the names of the descriptors and the state")
    func processState() throws {
        let state = State(ociVersion: "1.3.0", id: "a", pid: 7, status: .creating, bundle: "/b")
        let message = ContainerProcessState(
            ociVersion: "1.3.0", fds: ["seccompFd"], pid: 9, metadata: "m", state: state)
        let expected =
            #"{"ociVersion":"1.3.0","fds":["seccompFd"],"pid":9,"metadata":"m","state":"#
            + #"{"ociVersion":"1.3.0","id":"a","pid":7,"status":"creating","bundle":"/b"}}"#
        #expect(text(message.json(.compact)) == expected)
        let read = try JSONDocument.read(message.json(.tabs), fileName: "-") {
            ContainerProcessState($0)
        }
        #expect(read.value == message)
    }

    private var features: Features {
        let enabled = EnabledFeature(enabled: true)
        return Features(
            ociVersionMin: "1.0.0", ociVersionMax: "1.3.0", hooks: ["prestart"],
            mountOptions: ["ro"],
            linux: LinuxFeatures(
                namespaces: NamespaceType.allCases, capabilities: ["CAP_KILL"],
                cgroup: CgroupFeatures(
                    v1: true, v2: true, systemd: false, systemdUser: false, rdma: true),
                seccomp: SeccompFeatures(
                    enabled: true, actions: SeccompAction.allCases,
                    operators: SeccompOperator.allCases, archs: SeccompArchitecture.allCases,
                    knownFlags: SeccompFlag.allCases, supportedFlags: []),
                apparmor: enabled, selinux: enabled,
                intelRdt: IntelRdtFeatures(enabled: true, schemata: true, monitoring: false),
                memoryPolicy: MemoryPolicyFeatures(
                    modes: MemoryPolicyMode.allCases, flags: MemoryPolicyFlag.allCases),
                mountExtensions: MountExtensions(idmap: enabled), netDevices: enabled),
            annotations: [StringEntry(key: "org.example.version", value: "1")],
            potentiallyUnsafeConfigAnnotations: ["org.example."])
    }

    @Test("features are written and read back whole")
    func featuresRoundTrip() throws {
        let bytes = features.json(.spaces)
        let read = try JSONDocument.read(bytes, fileName: "features") { Features($0) }
        #expect(read.value == features)
        #expect(read.unknownProperties == [])
    }

    @Test("features have every member of the specification")
    func featuresMembers() {
        let expected: Set<String> = [
            "/ociVersionMin", "/ociVersionMax", "/hooks", "/mountOptions", "/annotations",
            "/annotations/*", "/potentiallyUnsafeConfigAnnotations", "/linux",
            "/linux/namespaces", "/linux/capabilities", "/linux/cgroup", "/linux/cgroup/v1",
            "/linux/cgroup/v2", "/linux/cgroup/systemd", "/linux/cgroup/systemdUser",
            "/linux/cgroup/rdma", "/linux/seccomp", "/linux/seccomp/enabled",
            "/linux/seccomp/actions", "/linux/seccomp/operators", "/linux/seccomp/archs",
            "/linux/seccomp/knownFlags", "/linux/seccomp/supportedFlags", "/linux/apparmor",
            "/linux/apparmor/enabled", "/linux/selinux", "/linux/selinux/enabled",
            "/linux/intelRdt", "/linux/intelRdt/enabled", "/linux/intelRdt/schemata",
            "/linux/intelRdt/monitoring", "/linux/memoryPolicy", "/linux/memoryPolicy/modes",
            "/linux/memoryPolicy/flags", "/linux/mountExtensions",
            "/linux/mountExtensions/idmap", "/linux/mountExtensions/idmap/enabled",
            "/linux/netDevices", "/linux/netDevices/enabled",
        ]
        #expect(patterns(features.json(.compact), maps: ["/annotations"]) == expected)
    }

    private let facts = Defaults.Facts(hasUnifiedCgroup: true, euid: 1000, egid: 1001)

    @Test("the default configuration is accepted by its own decoder")
    func defaults() throws {
        let bytes = Defaults.document(rootless: false, facts)
        #expect(text(bytes).hasPrefix("{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n\t\t"))
        #expect(text(bytes).hasSuffix("\n\t}\n}\n"))
        let decoded = try SpecDecoder.decode(bytes)
        #expect(decoded.spec == Defaults.spec(facts))
        #expect(decoded.unknownProperties == [])
        #expect(decoded.spec.hostname == "apus")
        #expect(decoded.spec.mounts?.count == 7)
        #expect(decoded.spec.linux?.maskedPaths?.count == 10)
        #expect(decoded.spec.linux?.readonlyPaths?.count == 5)
        let types: [NamespaceType] = [.pid, .network, .ipc, .uts, .mount, .cgroup]
        #expect(decoded.spec.linux?.namespaces?.map { $0.type } == types)
    }

    @Test("a cgroup namespace is a matter of cgroup v2")
    func cgroupNamespace() {
        let facts = Defaults.Facts(hasUnifiedCgroup: false, euid: 0, egid: 0)
        let types = Defaults.spec(facts).linux?.namespaces?.map { $0.type }
        #expect(types == [.pid, .network, .ipc, .uts, .mount])
    }

    @Test("the rootless default needs nothing that a plain user lacks")
    func rootless() throws {
        let spec = try SpecDecoder.decode(Defaults.document(rootless: true, facts)).spec
        let types = spec.linux?.namespaces?.map { $0.type }
        #expect(types == [.pid, .ipc, .uts, .mount, .cgroup, .user])
        #expect(spec.linux?.uidMappings == [IDMapping(containerID: 0, hostID: 1000, size: 1)])
        #expect(spec.linux?.gidMappings == [IDMapping(containerID: 0, hostID: 1001, size: 1)])
        #expect(spec.linux?.resources == nil)
        let sys = spec.mounts?.first { $0.destination == "/sys" }
        #expect(sys?.type == "none" && sys?.source == "/sys")
        #expect(sys?.options?.contains("rbind") == true && sys?.options?.contains("ro") == true)
        let options = spec.mounts?.flatMap { $0.options ?? [] } ?? []
        #expect(!options.contains { $0.hasPrefix("gid=") || $0.hasPrefix("uid=") })
        #expect(spec.mounts?.count == 7)
    }
}
