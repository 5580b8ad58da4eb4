/// What every unit of a container has, whatever its limits are.
struct UnitDescription {
    var id: String
    var unit: UnitName?
    var pid: Int32
    var isUnified: Bool

    /// The properties in the order in which systemd reads them.
    var properties: [UnitProperty] {
        var result = [UnitProperty("Description", .text("apus container \(id)"))]
        if let unit {
            if unit.isSlice {
                // A slice's place is in its name; the other one only comes up with it.
                result.append(UnitProperty("Wants", .texts([unit.slice])))
            } else {
                result.append(UnitProperty("Slice", .text(unit.slice)))
                // What is below the scope's directory is the container's business.
                result.append(UnitProperty("Delegate", .flag(true)))
                result.append(UnitProperty("PIDs", .uint32s([UInt32(pid)])))
            }
        }
        for name in ["MemoryAccounting", "CPUAccounting", "TasksAccounting"] {
            result.append(UnitProperty(name, .flag(true)))
        }
        result.append(
            UnitProperty(isUnified ? "IOAccounting" : "BlockIOAccounting", .flag(true)))
        // Containers outlive the shutdown of ordinary units only if somebody stops them.
        result.append(UnitProperty("DefaultDependencies", .flag(false)))
        return result
    }
}
