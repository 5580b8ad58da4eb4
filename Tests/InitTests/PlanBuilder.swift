import CInit

/// Builds plans byte by byte for the validator: valid ones, and ones that no encoder would write.
struct PlanBuilder {
    var ops: [plan_op] = []
    var table = [UInt8](repeating: 0, count: 8)
    var header = plan_header(
        magic: UInt32(PLAN_MAGIC), version: UInt16(PLAN_VERSION), flags: 0, size: 0, op_count: 0,
        table_offset: 0, table_size: 0, fd_count: 4, payload_fds: 0)

    /// Adds an entry of raw bytes to the table and returns its offset.
    mutating func entry(_ bytes: [UInt8]) -> UInt32 {
        let offset = UInt32(table.count)
        withUnsafeBytes(of: UInt32(bytes.count)) { table.append(contentsOf: $0) }
        table.append(contentsOf: bytes)
        table.append(0)
        while table.count % 8 != 0 { table.append(0) }
        return offset
    }

    /// Adds a string and returns its offset.
    mutating func text(_ string: String) -> UInt32 {
        entry(Array(string.utf8))
    }

    /// Adds a list of strings and returns its offset.
    mutating func list(_ strings: [String]) -> UInt32 {
        entry(strings.flatMap { Array($0.utf8) + [0] })
    }

    /// Adds an operation; operands that are not given stay empty.
    mutating func add(
        _ kind: plan_kind, str: [UInt32] = [], fd: Int32 = -1, num: [UInt64] = [],
        flags: Int32 = 0
    ) {
        let str = str + [UInt32](repeating: 0, count: 4 - str.count)
        let num = num + [UInt64](repeating: 0, count: 3 - num.count)
        ops.append(
            plan_op(
                kind: kind.rawValue, flags: UInt16(flags), origin: 0,
                str: (str[0], str[1], str[2], str[3]), fd: fd, reserved: 0,
                num: (num[0], num[1], num[2])))
    }

    /// Adds a hook with places for its output.
    mutating func addHook(places: UInt64) {
        let path = text("/bin/hook")
        let arguments = list(["hook"])
        let environment = list([])
        let state = list(["", ""])
        add(.PLAN_OP_HOOK, str: [path, arguments, environment, state], num: [1 << 32, 0, places])
    }

    /// Adds the operation that ends a plan with a program.
    mutating func addExec() {
        let arguments = list(["true"])
        add(.PLAN_OP_EXEC, str: [arguments], num: [1])
    }

    /// The plan's bytes with a header that fits, changed by `edit` at the end.
    func bytes(edit: (inout plan_header) -> Void = { _ in }) -> [UInt8] {
        let opsSize = ops.count * MemoryLayout<plan_op>.size
        var header = header
        header.op_count = UInt32(ops.count)
        header.table_offset = UInt32(MemoryLayout<plan_header>.size + opsSize)
        header.table_size = UInt32(table.count)
        header.size = header.table_offset + header.table_size
        edit(&header)
        var bytes: [UInt8] = []
        withUnsafeBytes(of: header) { bytes.append(contentsOf: $0) }
        ops.withUnsafeBytes { bytes.append(contentsOf: $0) }
        bytes.append(contentsOf: table)
        return bytes
    }
}

/// What the validator says about a plan.
struct Verdict: Equatable {
    var result: Int32
    var op: UInt32

    /// Accepted.
    static let valid = Verdict(result: 0, op: .max)

    /// Refused because of operation `op`.
    static func invalid(_ op: UInt32) -> Verdict { Verdict(result: -22, op: op) }

    /// Refused because of the header.
    static let invalidHeader = Verdict(result: -22, op: .max)
}

/// Validates bytes as the init stage does.
func validate(_ bytes: [UInt8], size: Int? = nil) -> Verdict {
    var op: UInt32 = 0
    // The kernel maps plans on page boundaries; the array's storage is aligned to 16.
    let result = bytes.withUnsafeBytes { buffer -> Int32 in
        guard let base = buffer.baseAddress else { return -22 }
        return plan_validate(base, size ?? buffer.count, &op)
    }
    return Verdict(result: result, op: op)
}
