import Kernel
import OCISpec
import Testing

@testable import Container

@Suite struct NamespaceSetTests {
    private static func set(_ namespaces: [Namespace]) -> NamespaceSet {
        var diagnostics = Diagnostics()
        return NamespaceSet(namespaces, &diagnostics)
    }

    @Test(
        "types are what the kernel calls them",
        arguments: [
            (NamespaceType.pid, 0x2000_0000, "pid"), (.network, 0x4000_0000, "net"),
            (.mount, 0x2_0000, "mnt"), (.ipc, 0x800_0000, "ipc"), (.uts, 0x400_0000, "uts"),
            (.user, 0x1000_0000, "user"), (.cgroup, 0x200_0000, "cgroup"), (.time, 0x80, "time"),
        ] as [(NamespaceType, UInt64, String)])
    func types(type: NamespaceType, flag: UInt64, name: String) {
        #expect(type.cloneFlag == flag)
        #expect(type.kernelName == name)
        let new = Self.set([Namespace(type: type)])
        #expect(new.new == flag && new.joined.isEmpty)
        #expect(new.makes(type) && !new.joins(type) && new.separates(type))
        let joined = Self.set([Namespace(type: type, path: "/ns")])
        #expect(joined.new == 0)
        #expect(!joined.makes(type) && joined.joins(type) && joined.separates(type))
        let none = Self.set([])
        #expect(!none.makes(type) && !none.joins(type) && !none.separates(type))
    }

    private static let mixed = [
        Namespace(type: .network, path: "/n"), Namespace(type: .pid),
        Namespace(type: .user, path: "/u"), Namespace(type: .uts, path: "/t"),
        Namespace(type: .mount),
    ]

    @Test("joined namespaces keep the order and the places of the configuration")
    func order() {
        let set = Self.set(Self.mixed)
        #expect(set.joined.map(\.path) == ["/n", "/u", "/t"])
        #expect(set.joined.map(\.index) == [0, 2, 3])
        #expect(set.new == CLONE_NEWPID | CLONE_NEWNS)
    }

    /// Root of the host gives up its rights over the host's namespaces with the user namespace; an
    /// ordinary user gets some there.
    @Test("the user namespace is joined when it helps", arguments: [false, true])
    func userNamespace(isRootless: Bool) throws {
        let machine: Machine = isRootless ? .ordinaryUser : .versionOne
        let spec = Configurations.linux { $0.namespaces = Self.mixed }
        let (blueprint, findings) = validated(spec, testOptions(), machine.facts)
        #expect(findings.errors == [])
        let plan = Planner.plan(blueprint, cgroup: try machine.cgroup(blueprint))
        let joined = plan.operations.compactMap { operation -> String? in
            guard case .setns = operation.op else { return nil }
            return operation.step.label
        }
        #expect(joined == (isRootless ? ["/u", "/n", "/t"] : ["/n", "/t", "/u"]))
    }

    @Test("of a type given twice the first counts, and it is an error")
    func duplicates() {
        var diagnostics = Diagnostics()
        let set = NamespaceSet(
            [Namespace(type: .uts), Namespace(type: .uts, path: "/t")], &diagnostics)
        #expect(set.makes(.uts) && !set.joins(.uts))
        #expect(
            diagnostics.errors.map(\.description) == [
                "linux/namespaces/1 (uts): namespace type is given twice"
            ])
    }
}
