import Kernel

/// The formats in which controllers print what they count.
enum StatsText {
    /// Lines of `key value`; other lines are left out.
    static func counters(_ text: String) -> [CgroupStats.Counter] {
        var counters: [CgroupStats.Counter] = []
        for line in text.utf8.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "))
            if fields.count == 2, let value = UInt64(Substring(fields[1])) {
                counters.append(CgroupStats.Counter(String(Substring(fields[0])), value))
            }
        }
        return counters
    }

    static func value(_ key: String, in counters: [CgroupStats.Counter]) -> UInt64 {
        counters.first { $0.name == key }?.value ?? 0
    }

    /// Numbers on one line.
    static func numbers(_ text: String) -> [UInt64] {
        text.split { $0 == " " || $0 == "\n" }.compactMap { UInt64($0) }
    }

    /// A list such as `0-2,7`, spelled out.
    static func list(_ text: String) -> [UInt32] {
        var numbers: [UInt32] = []
        for part in text.split(whereSeparator: { $0 == "," || $0 == "\n" }) {
            let ends = part.split(separator: "-").compactMap { UInt32($0) }
            guard let first = ends.first, let last = ends.last, first <= last else { continue }
            numbers += first...last
        }
        return numbers
    }

    /// `8:0 Read 4096` and `8:0 4096`; the sums at the end have no device and are left out.
    static func blockEntries(_ text: String) -> [CgroupStats.BlockEntry] {
        var entries: [CgroupStats.BlockEntry] = []
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 2 || fields.count == 3, let value = fields.last,
                let number = UInt64(value), let device = device(fields[0])
            else { continue }
            entries.append(
                CgroupStats.BlockEntry(
                    major: device.major, minor: device.minor,
                    operation: fields.count == 3 ? String(fields[1]) : "", value: number))
        }
        return entries
    }

    static func device(_ text: Substring) -> (major: UInt64, minor: UInt64)? {
        let numbers = text.split(separator: ":").compactMap { UInt64($0) }
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
    }

    /// `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and the same for `full`.
    static func pressure(_ text: String) -> CgroupStats.Pressure {
        var pressure = CgroupStats.Pressure()
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            var parsed = CgroupStats.Pressure.Line()
            for field in fields.dropFirst() {
                let pair = field.split(separator: "=")
                guard pair.count == 2 else { continue }
                switch pair[0] {
                case "avg10": parsed.avg10 = Double(pair[1]) ?? 0
                case "avg60": parsed.avg60 = Double(pair[1]) ?? 0
                case "avg300": parsed.avg300 = Double(pair[1]) ?? 0
                case "total": parsed.total = UInt64(pair[1]) ?? 0
                default: continue
                }
            }
            if fields.first == "some" { pressure.some = parsed }
            if fields.first == "full" { pressure.full = parsed }
        }
        return pressure
    }

    /// A pressure file; `nil` where the kernel has none or it is switched off.
    static func pressureFile(_ path: String) -> CgroupStats.Pressure? {
        CgroupFile.text(path).map(pressure)
    }

    /// A limit of version 2, where `max` is none.
    static func limit(_ path: String, none: UInt64) -> UInt64 {
        guard let text = try? CgroupFile.value(path) else { return none }
        return UInt64(text) ?? none
    }

    /// The page sizes for which a directory has files `hugetlb.SIZE.<suffix>`.
    static func pageSizes(_ directory: String, suffix: String) -> [String] {
        let prefix = "hugetlb."
        let names = (try? Files.list(directory)) ?? []
        return names.compactMap { name in
            guard name.hasPrefix(prefix), name.hasSuffix(suffix) else { return nil }
            let size = String(name.dropFirst(prefix.count).dropLast(suffix.count))
            return size.utf8.contains(UInt8(ascii: ".")) ? nil : size
        }.sorted()
    }
}
