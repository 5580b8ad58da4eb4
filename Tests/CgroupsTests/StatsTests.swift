import Testing

@testable import Cgroups

@Suite("What controllers count")
struct StatsTests {
    @Test("formats")
    func formats() {
        #expect(StatsText.list("0-2,7\n") == [0, 1, 2, 7])
        #expect(StatsText.list("\n") == [])
        #expect(StatsText.list("3-1") == [])
        #expect(StatsText.numbers("1 22 x 3\n") == [1, 22, 3])
        #expect(
            StatsText.counters("a 1\nb 2 3\nc x\nd 4\n") == [.init("a", 1), .init("d", 4)])
        #expect(
            StatsText.blockEntries("8:0 Read 5\n8:0 Total 7\n8:16 9\nTotal 7\nx:y 1\n") == [
                .init(major: 8, minor: 0, operation: "Read", value: 5),
                .init(major: 8, minor: 0, operation: "Total", value: 7),
                .init(major: 8, minor: 16, operation: "", value: 9),
            ])
        let pressure = StatsText.pressure(
            "some avg10=1.50 avg60=0.25 avg300=0.00 total=12\n"
                + "full avg10=0.00 avg60=0.00 avg300=0.10 total=3\n")
        #expect(pressure.some?.avg10 == 1.5)
        #expect(pressure.some?.total == 12)
        #expect(pressure.full?.avg300 == 0.1)
        #expect(StatsText.pressure("some avg10=0 total=1\n").full == nil)
    }

    @Test("a version 2 cgroup")
    func versionTwo() throws {
        let tree = try TemporaryDirectory()
        try tree.file("cpu.stat", "usage_usec 10\nuser_usec 6\nsystem_usec 4\nnr_periods 3\n")
        try tree.file("cpuset.cpus.effective", "0-1\n")
        try tree.file("cpuset.mems.effective", "0\n")
        try tree.file("memory.stat", "anon 1\nfile 4096\nkernel 77\n")
        try tree.file("memory.current", "5000\n")
        try tree.file("memory.max", "max\n")
        try tree.file("memory.peak", "6000\n")
        try tree.file("memory.events", "low 0\nmax 8\noom 1\noom_kill 2\n")
        try tree.file("memory.swap.current", "100\n")
        try tree.file("memory.swap.max", "200\n")
        try tree.file("pids.current", "4\n")
        try tree.file("pids.max", "max\n")
        try tree.file("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n")
        try tree.file("hugetlb.2MB.current", "2097152\n")
        try tree.file("hugetlb.2MB.rsvd.current", "0\n")
        try tree.file("hugetlb.2MB.events", "max 9\n")
        let stats = V2Stats.read(tree.path)
        #expect(stats.cpu?.total == 10_000)
        #expect(stats.cpu?.kernel == 4_000)
        #expect(stats.cpu?.periods == 3)
        #expect(stats.cpuset?.cpus == [0, 1])
        #expect(stats.memory?.cache == 4096)
        #expect(stats.memory?.usage.usage == 5000)
        #expect(stats.memory?.usage.limit == .max)
        #expect(stats.memory?.usage.failures == 8)
        #expect(stats.memory?.kernel.usage == 77)
        #expect(stats.memory?.swap.usage == 5100)
        #expect(stats.memory?.swap.limit == .max)
        #expect(
            stats.pids
                == {
                    var pids = CgroupStats.PIDs(); pids.current = 4; return pids
                }())
        #expect(stats.blockIO?.serviceBytes.map(\.value) == [1, 2, 5])
        #expect(stats.blockIO?.serviced.map(\.operation) == ["Read", "Write", "Discard"])
        #expect(stats.hugetlb.map(\.pageSize) == ["2MB"])
        #expect(stats.hugetlb.first?.failures == 9)
        let facts = V2Stats.oomFacts(tree.path)
        #expect(facts == CgroupOOMFacts(oomKills: 2, limit: nil, peak: 6000))
    }

    @Test("version 1 controllers")
    func versionOne() throws {
        let tree = try TemporaryDirectory()
        try tree.file("cpu.stat", "nr_periods 3\nnr_throttled 2\nthrottled_time 99\n")
        try tree.file("cpuacct.usage", "1000\n")
        try tree.file("cpuacct.usage_percpu", "400 600 \n")
        try tree.file("cpuacct.stat", "user 2\nsystem 3\n")
        try tree.file("cpuacct.usage_all", "cpu user system\n0 10 20\n1 30 40\n")
        try tree.file("memory.stat", "cache 11\nrss 22\n")
        try tree.file("memory.usage_in_bytes", "7\n")
        try tree.file("memory.limit_in_bytes", "9223372036854771712\n")
        try tree.file("memory.max_usage_in_bytes", "8\n")
        try tree.file("memory.memsw.usage_in_bytes", "9\n")
        try tree.file("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n")
        try tree.file("blkio.bfq.io_serviced_recursive", "")
        try tree.file("blkio.throttle.io_serviced_recursive", "8:0 Read 5\nTotal 5\n")
        var stats = CgroupStats()
        let all = CgroupHierarchy(
            controllers: "cpu,cpuacct,memory,blkio", mountPoint: tree.path, path: "/")
        V1Stats.read(all, into: &stats)
        #expect(stats.cpu?.throttledTime == 99)
        #expect(stats.cpu?.total == 1000)
        #expect(stats.cpu?.perCPU == [400, 600])
        #expect(stats.cpu?.user == 20_000_000)
        #expect(stats.cpu?.perCPUKernel == [20, 40])
        #expect(stats.memory?.cache == 11)
        #expect(stats.memory?.raw.count == 2)
        #expect(stats.memory?.usage.max == 8)
        #expect(stats.memory?.swap.usage == 9)
        #expect(stats.blockIO?.serviced.map(\.value) == [5])
        #expect(stats.pids == nil)
        let facts = V1Stats.oomFacts(tree.path)
        #expect(facts == CgroupOOMFacts(oomKills: 1, limit: nil, peak: 8))
        try tree.file("memory.limit_in_bytes", "4096\n")
        #expect(V1Stats.oomFacts(tree.path).limit == 4096)
    }
}
