/// A line of `/proc/PID/uid_map` or `gid_map` (user_namespaces(7)).
package struct IDMapRange: Equatable, Sendable {
    /// The first id in the namespace.
    package var inside: UInt32
    /// The first id that stands for it in the reader's namespace.
    package var outside: UInt32
    /// How many ids follow each other.
    package var count: UInt32

    /// The one line of the initial user namespace, and of no other: all ids onto themselves.
    package static let initial = IDMapRange(inside: 0, outside: 0, count: .max)

    /// The lines of such a file; what is no line of one is left out.
    package static func parse(_ text: String) -> [IDMapRange] {
        text.split(separator: "\n").compactMap { line in
            let numbers = line.split(separator: " ").compactMap { UInt32($0) }
            guard numbers.count == 3 else { return nil }
            return IDMapRange(inside: numbers[0], outside: numbers[1], count: numbers[2])
        }
    }

    /// What an id of the namespace is outside of it; nil when it is not in this range.
    package func outside(_ id: UInt32) -> UInt32? {
        guard id >= inside, id - inside < count else { return nil }
        let (result, overflow) = outside.addingReportingOverflow(id - inside)
        return overflow ? nil : result
    }
}
