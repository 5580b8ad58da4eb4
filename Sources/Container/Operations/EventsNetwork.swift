/// The counters of a network interface, as `/proc/PID/net/dev` has them (proc(5)).
package struct NetworkInterface: Equatable, Sendable {
    package var name: String
    package var rxBytes: UInt64
    package var rxPackets: UInt64
    package var rxErrors: UInt64
    package var rxDropped: UInt64
    package var txBytes: UInt64
    package var txPackets: UInt64
    package var txErrors: UInt64
    package var txDropped: UInt64

    /// The interfaces in a table of the kernel, without loopback.
    package static func parse(_ text: String) -> [NetworkInterface] {
        text.split(separator: "\n").dropFirst(2).compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let name = String(parts[0].drop { $0 == " " })
            let numbers = parts[1].split(separator: " ").compactMap { UInt64($0) }
            guard numbers.count >= 12, name != "lo" else { return nil }
            return NetworkInterface(
                name: name, rxBytes: numbers[0], rxPackets: numbers[1], rxErrors: numbers[2],
                rxDropped: numbers[3], txBytes: numbers[8], txPackets: numbers[9],
                txErrors: numbers[10], txDropped: numbers[11])
        }
    }
}
