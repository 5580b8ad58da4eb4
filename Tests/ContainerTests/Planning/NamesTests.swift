import Glibc
import Kernel
import OCISpec
import Testing

@testable import Container

@Suite struct NamesTests {
    @Test("namespaces are listed in the kernel's words")
    func namespaces() {
        #expect(Names.namespaces(0) == "")
        #expect(Names.namespaces(CLONE_NEWNET) == "net")
        #expect(Names.namespaces(CLONE_NEWTIME | CLONE_NEWUSER | CLONE_NEWNS) == "user,mnt,time")
        let all = NamespaceType.allCases.reduce(0) { $0 | $1.cloneFlag }
        #expect(Names.namespaces(all) == "user,mnt,uts,ipc,pid,net,cgroup,time")
    }

    @Test(
        "propagation",
        arguments: [
            (MS_PRIVATE, "private"), (MS_PRIVATE | MS_REC, "rprivate"), (MS_SLAVE, "slave"),
            (MS_SLAVE | MS_REC, "rslave"), (MS_SHARED, "shared"), (MS_SHARED | MS_REC, "rshared"),
            (MS_UNBINDABLE, "unbindable"), (MS_UNBINDABLE | MS_REC, "runbindable"),
        ] as [(UInt64, String)])
    func propagation(flags: UInt64, name: String) {
        #expect(Names.propagation(flags) == name)
        #expect(Names.propagations([0, flags, 0]) == [name])
        // What an option of a mount stands for is what the listing calls it.
        #expect(MountOptions([name]).propagation == flags)
    }

    @Test("an option is listed under its own name")
    func attributes() {
        let own = [
            "ro", "rw", "nosuid", "suid", "nodev", "dev", "noexec", "exec", "nodiratime",
            "diratime", "nosymfollow", "symfollow", "noatime", "relatime", "strictatime",
        ]
        for option in own {
            let attributes = MountOptions([option]).attributes
            #expect(Names.attributes(attributes.set, attributes.clear) == [option])
        }
        #expect(Names.attributes(0, 0) == [])
        let many = MountOptions(["noatime", "rw", "nosuid", "dev"]).attributes
        #expect(Names.attributes(many.set, many.clear) == ["rw", "nosuid", "dev", "noatime"])
    }

    @Test("small things")
    func small() {
        #expect(Names.list([]) == "")
        #expect(Names.list(["a", "b"]) == "[a,b]")
        #expect(Names.octal(0o755) == "0755")
        #expect(Names.octal(0) == "00")
        #expect(Names.hex(255) == "0xff")
        #expect(Names.root(".") == "/")
        #expect(Names.root("dev") == "dev")
        #expect(Names.device(S_IFCHR | 0o666, 0xae5) == "c 10:229")
        #expect(Names.device(S_IFBLK, 0xfff0_08ff) == "b 8:1048575")
        #expect(Names.device(S_IFIFO | 0o600, 0) == "p")
        #expect(
            Names.mappings([
                IDMapping(containerID: 0, hostID: 1, size: 2),
                IDMapping(containerID: 3, hostID: .max, size: 5),
            ]) == "0:1:2,3:4294967295:5")
        let offsets = TimeOffsets(
            monotonic: TimeOffset(secs: -5), boottime: TimeOffset(nanosecs: 7))
        #expect(Names.offsets(offsets) == "monotonic -5s0ns boottime 0s7ns")
        #expect(Names.offsets(TimeOffsets()) == "")
    }
}
