/// What differs between two texts, line by line, with a little of what does not.
enum TextDiff {
    /// The difference in the usual form, `-` for expected lines and `+` for found ones; empty when
    /// the texts are equal.
    static func lines(expected: String, found: String) -> String {
        if expected == found { return "" }
        let old = expected.split(separator: "\n", omittingEmptySubsequences: false)
        let new = found.split(separator: "\n", omittingEmptySubsequences: false)
        let difference = new.difference(from: old)
        var removed: Set<Int> = []
        var inserted: Set<Int> = []
        for change in difference {
            switch change {
            case .remove(let offset, _, _): removed.insert(offset)
            case .insert(let offset, _, _): inserted.insert(offset)
            }
        }
        return render(old, new, removed, inserted)
    }

    private static func render(
        _ old: [Substring], _ new: [Substring], _ removed: Set<Int>, _ inserted: Set<Int>
    ) -> String {
        var text = "\n"
        var (left, right) = (0, 0)
        var isSkipping = false
        while left < old.count || right < new.count {
            if left < old.count, removed.contains(left) {
                text += "- \(old[left])\n"
                left += 1
            } else if right < new.count, inserted.contains(right) {
                text += "+ \(new[right])\n"
                right += 1
            } else {
                let isNear = (-2...2).contains {
                    removed.contains(left + $0) || inserted.contains(right + $0)
                }
                if isNear, left < old.count {
                    text += "  \(old[left])\n"
                } else if !isSkipping {
                    text += "  ...\n"
                }
                isSkipping = !isNear
                left += 1
                right += 1
                continue
            }
            isSkipping = false
        }
        return text
    }
}
