import CInit

/// Reads the wire format of `plan.h`, written for the tests from the header's description alone.
struct DecodedPlan {
    /// One operation with its operands taken out of the table.
    struct Operation {
        var record: plan_op
        private let table: [UInt8]

        init(_ record: plan_op, _ table: [UInt8]) {
            self.record = record
            self.table = table
        }

        var kind: plan_kind? { plan_kind(rawValue: record.kind) }
        var flags: Int { Int(record.flags) }
        var descriptor: Int { Int(record.fd) }
        var numbers: [UInt64] { [record.num.0, record.num.1, record.num.2] }
        var origin: String { text(record.origin) }

        /// The string at a place of `str`.
        func text(_ place: Int) -> String { text(offset(place)) }

        /// The bytes at a place of `str`.
        func blob(_ place: Int) -> [UInt8] { bytes(offset(place)) }

        /// The list at a place of `str`.
        func list(_ place: Int) -> [String] {
            var list: [String] = []
            var current: [UInt8] = []
            for byte in blob(place) {
                if byte == 0 {
                    list.append(String(decoding: current, as: UTF8.self))
                    current = []
                } else {
                    current.append(byte)
                }
            }
            return list
        }

        /// Whether a place of `str` is used at all.
        func isAbsent(_ place: Int) -> Bool { offset(place) == 0 }

        private func offset(_ place: Int) -> UInt32 {
            let offsets = [record.str.0, record.str.1, record.str.2, record.str.3]
            return offsets[place]
        }

        private func text(_ offset: UInt32) -> String {
            String(decoding: bytes(offset), as: UTF8.self)
        }

        private func bytes(_ offset: UInt32) -> [UInt8] {
            if offset == 0 { return [] }
            let start = Int(offset)
            let length = table[start..<start + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
            return Array(table[start + 4..<start + 4 + length])
        }
    }

    var header = plan_header()
    var operations: [Operation] = []

    /// Decodes a plan that the validator has accepted.
    init(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            header = buffer.loadUnaligned(as: plan_header.self)
            let table = Array(bytes[Int(header.table_offset)...])
            let size = MemoryLayout<plan_op>.size
            for index in 0..<Int(header.op_count) {
                let offset = MemoryLayout<plan_header>.size + index * size
                operations.append(
                    Operation(buffer.loadUnaligned(fromByteOffset: offset, as: plan_op.self), table)
                )
            }
        }
    }
}

/// What the init stage's validator says: 0, or a negative errno and the operation at fault.
func validatePlan(_ bytes: [UInt8]) -> (result: Int32, operation: UInt32) {
    var operation: UInt32 = 0
    let result = bytes.withUnsafeBytes { buffer -> Int32 in
        guard let base = buffer.baseAddress else { return -22 }
        return plan_validate(base, buffer.count, &operation)
    }
    return (result, operation)
}
