import Cgroups
import Kernel
import OCISpec
import Testing

@testable import Container

/// The texts of `ps`, `events`, `wait` and `features`.
@Suite struct RecordTests {
    @Test func rowsOfProcesses() {
        let table = """
            UID    PID  PPID CMD
            root     1     0 init
            root    12     1 sh -c 34
            bob     34    12 sleep

            """
        #expect(
            ProcessTable.filter(table, [12, 34])
                == "UID    PID  PPID CMD\nroot    12     1 sh -c 34\nbob     34    12 sleep\n")
        #expect(ProcessTable.filter(table, []) == "UID    PID  PPID CMD\n")
    }

    @Test(arguments: ["", "UID CMD\nroot init\n", "SPID\n5\n"])
    func tablesWithoutProcessIDs(text: String) {
        #expect(ProcessTable.filter(text, [1]) == nil)
    }

    @Test func interfaces() {
        let text = """
            Inter-|   Receive                                                |  Transmit
             face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
                lo: 9 9 9 9 0 0 0 0 9 9 9 9 0 0 0 0
              eth0: 1 2 3 4 0 0 0 0 5 6 7 8 0 0 0 0

            """
        let expected = NetworkInterface(
            name: "eth0", rxBytes: 1, rxPackets: 2, rxErrors: 3, rxDropped: 4, txBytes: 5,
            txPackets: 6, txErrors: 7, txDropped: 8)
        #expect(NetworkInterface.parse(text) == [expected])
    }

    @Test func statsAreOneLineWithAllBlocks() throws {
        var stats = CgroupStats()
        var memory = CgroupStats.Memory()
        memory.usage.limit = 100
        memory.usage.max = 50
        memory.raw = [CgroupStats.Counter("anon", 5)]
        var pressure = CgroupStats.Pressure()
        var line = CgroupStats.Pressure.Line()
        line.avg10 = 1.25
        pressure.some = line
        memory.pressure = pressure
        stats.memory = memory
        let text = ContainerEvent.stats(stats, []).json(id: "box")
        #expect(text.hasSuffix("}\n"))
        #expect(text.dropLast().allSatisfy { $0 != "\n" })
        #expect(text.hasPrefix("{\"type\":\"stats\",\"id\":\"box\",\"data\":{\"cpu\":{\"usage\":"))
        #expect(text.contains("\"usage\":{\"limit\":100,\"max\":50,\"failcnt\":0}"))
        #expect(text.contains("\"raw\":{\"anon\":5}"))
        #expect(text.contains("\"psi\":{\"some\":{\"avg10\":1.25,\"avg60\":0.0,"))
        #expect(text.contains("\"intel_rdt\":{},\"network_interfaces\":[]"))
    }

    @Test func wantOfMemory() {
        let facts = CgroupOOMFacts(oomKills: 1, limit: 5, peak: 5)
        #expect(
            ContainerEvent.oom(facts).json(id: "box")
                == "{\"type\":\"oom\",\"id\":\"box\",\"data\":{\"kills\":1,\"limit\":5,\"peak\":5}}\n"
        )
    }

    @Test func exitRecords() {
        var record = ExitRecord(id: "box")
        let unknown =
            "{\"id\":\"box\",\"status\":null,\"signal\":null,\"known\":false,\"oom\":null,"
            + "\"oomKills\":null,\"memoryPeak\":null,\"userTime\":null,\"systemTime\":null}\n"
        #expect(record.json == unknown)
        #expect(record.text.contains("unknown"))
        record.status = .signaled(9, core: false)
        record.oomKills = 1
        #expect(record.json.contains("\"status\":null,\"signal\":9,\"known\":true,\"oom\":true"))
        #expect(record.text.contains("killed by SIGKILL"))
        record.status = .exited(3)
        record.oomKills = 0
        record.userTime = 61_002_345_678
        #expect(record.text.contains("user time      61.002 s\nsystem time    unknown\n"))
        #expect(record.json.contains("\"status\":3,\"signal\":null,\"known\":true,\"oom\":false"))
    }

    @Test func everyMountOptionOfTheFeaturesIsKnown() {
        let options = RuntimeFeatures.mountOptions
        #expect(options == options.sorted())
        #expect(Set(options).count == options.count)
        for option in options {
            #expect(MountOptions([option]).data.isEmpty, "\(option) is data of the file system")
        }
    }

    @Test func everyPropertyIsAFeature() throws {
        let linux = try #require(
            RuntimeFeatures.ofThisBuild(newestSpecification: "1.3.0").linux)
        #expect(linux.seccomp?.enabled == true)
        #expect(linux.apparmor?.enabled == true)
        #expect(linux.selinux?.enabled == true)
        #expect(linux.intelRdt?.enabled == true)
        #expect(linux.netDevices?.enabled == true)
        #expect(linux.mountExtensions?.idmap?.enabled == true)
        #expect(linux.memoryPolicy?.modes == MemoryPolicyMode.allCases)
        #expect(linux.namespaces?.count == 8)
        #expect(linux.capabilities?.first == "CAP_CHOWN")
    }
}
