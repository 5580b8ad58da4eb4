import Testing

@testable import Cgroups

/// The options of the version 2 hierarchy, out of a table of mounts.
@Suite struct UnifiedOptionsTests {
    @Test func optionsOfTheHierarchy() {
        let table = """
            38 37 259:0 / / rw,relatime shared:19 - ext4 /dev/root rw,nsdelegate
            42 40 0:26 / /sys/fs/cgroup rw shared:23 - cgroup2 none rw,nsdelegate,memory_recursiveprot

            """
        #expect(UnifiedOptions.parse(table) == ["nsdelegate", "memory_recursiveprot"])
    }

    @Test func withoutTagsAndWithoutOptions() {
        #expect(UnifiedOptions.parse("42 40 0:26 / /sys/fs/cgroup rw - cgroup2 none ro") == [])
    }

    @Test(arguments: [
        "",
        "42 - cgroup2 x rw",
        "42 40 0:26 / /sys/fs/cgroup rw,relatime - cgroup cgroup rw,memory",
        "42 40 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2",
    ])
    func noHierarchy(table: String) {
        #expect(UnifiedOptions.parse(table) == nil)
    }
}
