/// The word of a list that a mistyped word most likely stands for, or nil when none is close.
///
/// Close means at most one mistake in three letters, where a mistake is a letter too many, missing,
/// wrong, or swapped with its neighbour. A word that only one candidate begins with is close, too.
func nearest(to word: String, in candidates: [String]) -> String? {
    let letters = Array(word.utf8)
    guard (1...64).contains(letters.count) else { return nil }
    let longer = candidates.filter { $0.hasPrefix(word) }
    if longer.count == 1 { return longer[0] }
    var best: (word: String, distance: Int)?
    for candidate in candidates {
        let distance = editDistance(letters, Array(candidate.utf8))
        let isClose = distance * 3 <= max(letters.count, candidate.utf8.count)
        if isClose && distance < best?.distance ?? Int.max {
            best = (candidate, distance)
        }
    }
    return best?.word
}

/// The optimal string alignment distance, row by row.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for (row, leftByte) in left.enumerated() {
        var current = [row + 1]
        for (column, rightByte) in right.enumerated() {
            let change = last[column] + (leftByte == rightByte ? 0 : 1)
            var cost = min(change, last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, leftByte == right[column - 1], left[row - 1] == rightByte {
                cost = min(cost, beforeLast[column - 1] + 1)
            }
            current.append(cost)
        }
        beforeLast = last
        last = current
    }
    return last[right.count]
}
