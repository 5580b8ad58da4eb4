import Testing

@testable import Cgroups

/// The options of the version 2 hierarchy, out of a table of mounts.
@Suite struct UnifiedOptionsTests {
    @Test func optionsOfTheHierarchy() {
        let table = """
            38 37 259:0 / / rw,relatime shared:19 - ext4 /dev/root rw,nsdelegate
            41 40 0:26 /box /box/cgroup rw - cgroup2 none rw
            42 40 0:26 / /sys/fs/cgroup rw shared:23 - cgroup2 none rw,nsdelegate,memory_recursiveprot

            """
        let expected = UnifiedOptions.Hierarchy(
            mountPoint: "/sys/fs/cgroup", options: ["nsdelegate", "memory_recursiveprot"])
        #expect(UnifiedOptions.hierarchy(in: table) == expected)
    }

    @Test func withoutTagsAndWithoutOptions() {
        let table = "42 40 0:26 / /sys/fs/cgroup rw - cgroup2 none ro"
        #expect(UnifiedOptions.hierarchy(in: table)?.options == [])
    }

    @Test(arguments: [
        "",
        "42 - cgroup2 x rw",
        "42 40 0:26 / /sys/fs/cgroup rw,relatime - cgroup cgroup rw,memory",
        "42 40 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2",
        "42 40 0:26 /box /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw",
    ])
    func noHierarchy(table: String) {
        #expect(UnifiedOptions.hierarchy(in: table) == nil)
    }
}
