/// Values that version 2 couples with others: an update that gives one of them needs the rest as it
/// is now.
enum V2Current {
    static func complete(_ limits: inout CgroupResources, _ directory: String) {
        // One file holds quota and period, and a period alone cannot be written.
        if let period = limits.cpu.period, period != 0, (limits.cpu.quota ?? 0) == 0 {
            let quota = CgroupFile.words(directory + "/cpu.max")?.first.flatMap { Int64($0) }
            limits.cpu.quota = quota ?? -1
        }
        // Memory and swap together, less the memory, is what version 2 calls swap.
        if let swap = limits.memory.swap, swap > 0, (limits.memory.limit ?? 0) == 0 {
            let text = try? CgroupFile.value(directory + "/memory.max")
            if text == "max" {
                limits.memory.limit = -1
            } else if let limit = text.flatMap({ Int64($0) }) {
                limits.memory.limit = limit
            }
        }
    }
}
