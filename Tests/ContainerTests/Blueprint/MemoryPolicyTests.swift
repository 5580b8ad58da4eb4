import OCISpec
import Testing

@testable import Container

@Suite("Memory policy")
struct MemoryPolicyTests {
    private func errors(_ policy: MemoryPolicy) -> [String] {
        var diagnostics = Diagnostics()
        MemoryPolicyRules.check(policy, &diagnostics)
        return diagnostics.errors.map(\.location)
    }

    @Test("modes and flags are the kernel's numbers")
    func numbers() {
        let value = MemoryPolicyValue(
            MemoryPolicy(mode: .weightedInterleave, nodes: "0-1,3", flags: [.staticNodes]))
        #expect(
            value
                == MemoryPolicyValue(
                    MemoryPolicy(mode: .weightedInterleave, nodes: "0,1,3", flags: [.staticNodes])))
        #expect(value.mode == 6 | 0x8000)
        #expect(value.nodes == [0b1011])
        #expect(value.maxNode == 64)
    }

    @Test("the kernel looks at one bit less than it is told")
    func lastBit() {
        let value = MemoryPolicyValue(MemoryPolicy(mode: .bind, nodes: "63"))
        #expect(value.nodes == [1 << 63, 0])
        #expect(value.maxNode == 128)
        let none = MemoryPolicyValue(MemoryPolicy(mode: .local, nodes: ""))
        #expect(none.nodes.isEmpty && none.maxNode == 0)
    }

    @Test(
        "what fits together is accepted",
        arguments: [
            MemoryPolicy(mode: .default), MemoryPolicy(mode: .local),
            MemoryPolicy(mode: .preferred),
            MemoryPolicy(mode: .bind, nodes: "0", flags: [.numaBalancing, .relativeNodes]),
            MemoryPolicy(mode: .preferredMany, nodes: "0-1", flags: [.staticNodes]),
        ])
    func good(_ policy: MemoryPolicy) {
        #expect(errors(policy).isEmpty)
    }

    @Test("contradictions are errors at their place")
    func bad() {
        let nodes = "linux/memoryPolicy/nodes"
        let flags = "linux/memoryPolicy/flags"
        #expect(errors(MemoryPolicy(mode: .default, nodes: "0")) == [nodes])
        #expect(errors(MemoryPolicy(mode: .interleave)) == [nodes])
        #expect(errors(MemoryPolicy(mode: .bind, nodes: "1-0")) == [nodes])
        #expect(errors(MemoryPolicy(mode: .preferred, flags: [.staticNodes])) == [flags])
        #expect(
            errors(MemoryPolicy(mode: .bind, nodes: "0", flags: [.staticNodes, .relativeNodes]))
                == [flags])
        #expect(
            errors(MemoryPolicy(mode: .interleave, nodes: "0", flags: [.numaBalancing])) == [flags])
    }
}
