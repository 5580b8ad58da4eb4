import CInit
import Testing

@Suite struct InitTests {
    @Test func everyOperationHasItsOwnName() {
        var names: Set<String> = []
        for kind in 0..<UInt16(PLAN_OP_COUNT) {
            let name = String(cString: plan_op_name(kind))
            #expect(!name.isEmpty && name != "?")
            #expect(names.insert(name).inserted, "\(name) is used twice")
        }
        #expect(String(cString: plan_op_name(UInt16(PLAN_OP_COUNT))) == "?")
        #expect(String(cString: plan_op_name(.max)) == "?")
        #expect(String(cString: plan_op_name(plan_kind.PLAN_OP_SETNS.rawValue)) == "setns")
        #expect(String(cString: plan_op_name(plan_kind.PLAN_OP_EXEC.rawValue)) == "exec")
    }

    @Test func everyCallHasItsOwnName() {
        var names: Set<String> = []
        for call in 0...sync_call.SYNC_CALL_HOOK_TIMEOUT.rawValue {
            let name = String(cString: sync_call_name(call))
            #expect(name != "?")
            #expect(names.insert(name).inserted, "\(name) is used twice")
        }
        let last = sync_call.SYNC_CALL_HOOK_TIMEOUT.rawValue
        let attach = sync_call.SYNC_CALL_MOVE_MOUNT.rawValue
        #expect(String(cString: sync_call_name(last + 1)) == "?")
        #expect(String(cString: sync_call_name(attach)) == "move_mount")
    }

    // A FAIL in exec.fifo is read as one piece only while it fits PIPE_BUF (4096).
    @Test func messagesHaveTheSizeOfTheWireFormat() {
        #expect(MemoryLayout<sync_message>.size == 256)
        #expect(MemoryLayout<plan_op>.size == 56)
        #expect(MemoryLayout<plan_header>.size == 32)
    }

    @Test func kindsAreClosedEnumsOfTheWireType() {
        #expect(MemoryLayout<plan_kind>.size == MemoryLayout<UInt16>.size)
        #expect(MemoryLayout<sync_reason>.size == MemoryLayout<UInt64>.size)
        #expect(sync_kind(rawValue: 8) == .SYNC_FAIL)
    }
}
