import Testing

@testable import Cgroups

@Suite struct SnapshotTests {
    @Test(
        arguments: [
            ("memory.limit_in_bytes", "5", "9223372036854771712\n", "9223372036854771712"),
            ("cpu.max", "20000 50000", "max 100000\n", "max 100000"),
            ("memory.oom_control", "1", "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n", "0"),
            ("blkio.throttle.read_bps_device", "8:0 5", "8:0 77\n8:16 5\n", "8:0 77"),
            ("blkio.throttle.read_bps_device", "8:0 5", "8:16 5\n", "8:0 0"),
            ("blkio.throttle.read_bps_device", "8:0 5", "", "8:0 0"),
            (
                "io.max", "8:0 rbps=5", "8:16 rbps=1 wbps=max riops=max wiops=max\n",
                "8:0 rbps=max wbps=max riops=max wiops=max"
            ),
            ("io.weight", "200", "default 100\n8:0 50\n", "default 100"),
            ("io.weight", "8:0 200", "default 100\n", "8:0 default"),
            ("net_prio.ifpriomap", "eth0 5", "lo 0\neth0 3\n", "eth0 3"),
        ] as [(String, String, String, String)])
    func oldValues(file: String, value: String, text: String, old: String) {
        #expect(CgroupSnapshot.previous("/sys/fs/cgroup/x/" + file, value, text) == old)
    }

    @Test(
        arguments: [
            ("net_prio.ifpriomap", "wlan0 5", "lo 0\n"), ("cgroup.events", "x", "a 1\nb 2\n"),
            ("memory.max", "5", ""),
        ] as [(String, String, String)])
    func nothingToPutBack(file: String, value: String, text: String) {
        #expect(CgroupSnapshot.previous("/sys/fs/cgroup/x/" + file, value, text) == nil)
    }
}
