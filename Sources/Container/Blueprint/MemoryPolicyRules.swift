internal import Kernel
package import OCISpec

/// A NUMA memory policy as `set_mempolicy(2)` takes it.
package struct MemoryPolicyValue: Equatable, Sendable {
    /// The policy and its flags in one word.
    package var mode: UInt64
    /// One bit for each node, node 0 lowest in the first word.
    package var nodes: [UInt64]

    /// Translates a validated policy.
    package init(_ policy: MemoryPolicy) {
        mode = policy.mode.number
        for flag in policy.flags ?? [] { mode |= flag.bit }
        nodes = policy.nodeList.flatMap(CPUAffinity.init(list:))?.mask ?? []
    }

    /// The size of the node set in bits.
    ///
    /// The kernel looks at one bit less than it is told (`get_nodes` in mm/mempolicy.c).
    package var maxNode: UInt64 {
        nodes.isEmpty ? 0 : UInt64(nodes.count) * 64
    }
}

/// What `linux.memoryPolicy` must fulfil before the kernel is asked (set_mempolicy(2)).
package enum MemoryPolicyRules {
    /// Notes contradictions of mode, nodes and flags.
    package static func check(_ policy: MemoryPolicy, _ diagnostics: inout Diagnostics) {
        let location = "linux/memoryPolicy"
        let name = policy.mode.rawValue
        switch (policy.mode, policy.nodeList) {
        case (.default, .some), (.local, .some):
            diagnostics.error(location + "/nodes", "\(name) takes no nodes")
        case (.bind, nil), (.interleave, nil), (.weightedInterleave, nil), (.preferredMany, nil):
            diagnostics.error(location + "/nodes", "\(name) needs nodes")
        case (_, .some(let list)) where CPUAffinity(list: list) == nil:
            diagnostics.error(
                location + "/nodes", "expected nodes such as 0-1,3, found \"\(list)\"")
        default: break
        }
        checkFlags(policy, location + "/flags", &diagnostics)
    }

    private static func checkFlags(
        _ policy: MemoryPolicy, _ location: String, _ diagnostics: inout Diagnostics
    ) {
        let flags = policy.flags ?? []
        let name = policy.mode.rawValue
        let numbers = flags.filter { $0 != .numaBalancing }
        if numbers.contains(.staticNodes), numbers.contains(.relativeNodes) {
            diagnostics.error(
                location, "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other")
        }
        if !numbers.isEmpty, policy.nodeList == nil {
            diagnostics.error(location, "\(numbers[0].rawValue) needs nodes")
        }
        if flags.contains(.numaBalancing), policy.mode != .bind, policy.mode != .preferredMany {
            diagnostics.error(
                location,
                "MPOL_F_NUMA_BALANCING is for MPOL_BIND and MPOL_PREFERRED_MANY, not \(name)")
        }
    }
}

extension MemoryPolicy {
    /// The nodes, or nil when none are given.
    fileprivate var nodeList: String? { nodes.flatMap { $0.isEmpty ? nil : $0 } }
}

extension MemoryPolicyMode {
    /// The mode of `set_mempolicy(2)`, as in `linux/mempolicy.h`.
    fileprivate var number: UInt64 {
        switch self {
        case .default: 0
        case .preferred: 1
        case .bind: 2
        case .interleave: 3
        case .local: 4
        case .preferredMany: 5
        case .weightedInterleave: 6
        }
    }
}

extension MemoryPolicyFlag {
    /// The flag of `set_mempolicy(2)`, as in `linux/mempolicy.h`.
    fileprivate var bit: UInt64 {
        switch self {
        case .numaBalancing: 1 << 13
        case .relativeNodes: 1 << 14
        case .staticNodes: 1 << 15
        }
    }
}
