import OCISpec
import Testing

@testable import Container

@Suite struct SysctlRulesTests {
    @Test(
        "either spelling names the same file",
        arguments: [
            ("kernel.sem", "kernel/sem"), ("kernel/sem", "kernel/sem"),
            ("net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding"),
            ("net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding"),
            ("single", "single"), ("", ""),
        ])
    func paths(key: String, path: String) {
        #expect(SysctlRules.path(key) == path)
    }

    private static let own: [Namespace] = NamespaceType.allCases.map { Namespace(type: $0) }

    private static func errors(_ key: String, _ namespaces: [Namespace]) -> [String] {
        var diagnostics = Diagnostics()
        let set = NamespaceSet(namespaces, &diagnostics)
        SysctlRules.check([StringEntry(key: key, value: "1")], set, &diagnostics)
        return diagnostics.errors.map(\.description)
    }

    @Test(
        "a parameter of a namespace needs one",
        arguments: [
            ("kernel.msgmax", NamespaceType.ipc), ("kernel.msgmnb", .ipc), ("kernel.msgmni", .ipc),
            ("kernel.sem", .ipc), ("kernel.shmall", .ipc), ("kernel.shmmax", .ipc),
            ("kernel.shmmni", .ipc), ("kernel.shm_rmid_forced", .ipc),
            ("fs.mqueue.msg_max", .ipc), ("net.ipv4.ip_forward", .network),
            ("user.max_user_namespaces", .user), ("kernel.domainname", .uts),
        ])
    func namespaced(key: String, type: NamespaceType) {
        let message = "sysctl \"\(key)\" needs the container's own \(type.rawValue) namespace"
        #expect(Self.errors(key, Self.own) == [])
        #expect(Self.errors(key, [Namespace(type: type, path: "/proc/1/ns/x")]) == [])
        #expect(Self.errors(key, []) == ["linux/sysctl/\(key): \(message)"])
        let others = Self.own.filter { $0.type != type }
        #expect(Self.errors(key, others) == ["linux/sysctl/\(key): \(message)"])
    }

    @Test(
        "a parameter of the host is refused whatever the namespaces are",
        arguments: [
            "kernel.panic", "kernel.core_pattern", "vm.swappiness", "fs.file-max", "kernel.semx",
            "kernel.msgmax.x", "network.x", "fs.mqueue", "net", "debug.exception-trace", "single",
        ])
    func hosts(key: String) {
        #expect(
            Self.errors(key, Self.own) == [
                "linux/sysctl/\(key): sysctl \"\(key)\" is not in a separate kernel namespace"
            ])
    }

    @Test("the host name has a property of its own")
    func hostname() {
        #expect(
            Self.errors("kernel.hostname", Self.own) == [
                "linux/sysctl/kernel.hostname: "
                    + "sysctl \"kernel.hostname\" conflicts with the property hostname: use that"
            ])
    }

    @Test(
        "what is no name cannot leave the namespace's part of the tree",
        arguments: [
            "", "/", "net/", "/net/ipv4", "net//ipv4", "net/../kernel/panic", "net/./x",
            "net..kernel.panic", "net.ipv4.", ".net", "net./../kernel",
        ])
    func malformed(key: String) {
        let place = key.replacing("/", with: "~1")
        #expect(Self.errors(key, Self.own) == ["linux/sysctl/\(place): not a kernel parameter"])
    }

    @Test("the place of a key with slashes is a JSON pointer")
    func place() {
        #expect(
            Self.errors("vm/swappiness", Self.own) == [
                "linux/sysctl/vm~1swappiness: "
                    + "sysctl \"vm.swappiness\" is not in a separate kernel namespace"
            ])
    }
}
