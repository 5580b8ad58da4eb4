import Kernel

/// What the `blkio` controller of version 1 counts, in files named after the scheduler that counts.
enum V1BlockStats {
    static func read(_ directory: String) -> CgroupStats.BlockIO {
        // BFQ, then CFQ (gone in Linux 5.0), then the throttling layer, which sees every request
        // but only bytes and numbers. A scheduler that is built in and not in use has empty files.
        for prefix in ["blkio.bfq.", "blkio."] {
            let stats = scheduler(directory + prefix)
            if !stats.serviced.isEmpty { return stats }
        }
        var stats = CgroupStats.BlockIO()
        stats.serviceBytes = throttled(directory, "io_service_bytes")
        stats.serviced = throttled(directory, "io_serviced")
        return stats
    }

    private static func scheduler(_ prefix: String) -> CgroupStats.BlockIO {
        var stats = CgroupStats.BlockIO()
        stats.serviced = entries(prefix + "io_serviced_recursive")
        if stats.serviced.isEmpty { return stats }
        stats.serviceBytes = entries(prefix + "io_service_bytes_recursive")
        stats.queued = entries(prefix + "io_queued_recursive")
        stats.serviceTime = entries(prefix + "io_service_time_recursive")
        stats.waitTime = entries(prefix + "io_wait_time_recursive")
        stats.merged = entries(prefix + "io_merged_recursive")
        stats.time = entries(prefix + "time_recursive")
        stats.sectors = entries(prefix + "sectors_recursive")
        return stats
    }

    private static func throttled(_ directory: String, _ name: String) -> [CgroupStats.BlockEntry] {
        let path = directory + "blkio.throttle." + name
        let recursive = CgroupFile.text(path + "_recursive")
        return StatsText.blockEntries(recursive ?? CgroupFile.text(path) ?? "")
    }

    private static func entries(_ path: String) -> [CgroupStats.BlockEntry] {
        StatsText.blockEntries(CgroupFile.text(path) ?? "")
    }
}
