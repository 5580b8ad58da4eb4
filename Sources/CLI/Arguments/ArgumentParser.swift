// How words become options and arguments.
//
// The two peers read command lines by different rules: one in the style of Go's flag package, one
// in the style of GNU getopt. Callers are written for either, so this parser takes the union:
//
//   --name value   --name=value   -name value   -name=value     any option, by its long name
//   -n value   -n=value   -nvalue                               an option with a value, by letter
//   -ab   -abn value                                            letters, the last with a value
//   --flag=true|false                                           a flag, explicitly
//   --                                                          ends the options
//   -                                                           an ordinary word (standard input)
//
// A single dash and a known long name is that option, even if its letters could be read as a
// cluster. Options may stand before, between and after the positionals. The exceptions are the
// commands that carry another program's command line (`exec`, `ps`, `plan`): from that point on no
// word is looked at. An option that needs a value takes the next word whatever it looks like.

extension ParsedArguments {
    /// Reads a command line and checks the number of its positionals.
    ///
    /// What was understood before an error stays available, so that a failure can still reach the
    /// log that the command line names. Parsing ends early, without an error, at a request for
    /// help.
    mutating func parse(_ words: ArraySlice<String>) throws(UsageError) {
        var index = words.startIndex
        var optionsEnded = false
        while index < words.endIndex {
            let word = words[index]
            index += 1
            if !optionsEnded && word.utf8.count > 1 && word.utf8.first == dash {
                if word == "--" {
                    optionsEnded = true
                    continue
                }
                try parseOption(word, words, &index)
                if wantsHelp || wantsUsage { return }
            } else {
                positionals.append(word)
                if isTail(after: positionals.count) {
                    takeTail(words[index...], optionsEnded)
                    break
                }
            }
        }
        try checkPositionals()
    }

    private func isTail(after count: Int) -> Bool {
        switch declaration.tail {
        case .none: return false
        case .verbatim(let limit): return count == limit
        case .command: return count == 1
        }
    }

    private mutating func takeTail(_ words: ArraySlice<String>, _ optionsEnded: Bool) {
        if case .verbatim = declaration.tail, !optionsEnded, words.first == "--" {
            tail = Array(words.dropFirst())
        } else {
            tail = Array(words)
        }
    }

    private mutating func parseOption(
        _ word: String, _ words: ArraySlice<String>, _ index: inout Int
    ) throws(UsageError) {
        let isLong = word.utf8.dropFirst().first == dash
        let body = word.utf8.dropFirst(isLong ? 2 : 1)
        let equals = body.firstIndex(of: UInt8(ascii: "="))
        let name = String(Substring(body[..<(equals ?? body.endIndex)]))
        let value = equals.map { String(Substring(body[body.index(after: $0)...])) }

        if !isLong, name.utf8.count == 1, let letter = name.utf8.first, let option = find(letter) {
            try accept(option, value, words, &index)
        } else if let option = find(name) {
            try accept(option, value, words, &index)
        } else if isLong {
            throw unknownOption(word, name)
        } else {
            try parseCluster(word, name, words, &index)
        }
    }

    /// Reads letters that share one dash, as getopt does.
    private mutating func parseCluster(
        _ word: String, _ name: String, _ words: ArraySlice<String>, _ index: inout Int
    ) throws(UsageError) {
        var rest = word.utf8.dropFirst()
        while let letter = rest.popFirst() {
            guard let option = find(letter) else {
                throw unknownOption(word, name)
            }
            if option.declaration.takesValue {
                let attached = rest.isEmpty ? nil : String(Substring(rest))
                try accept(option, attached, words, &index)
                return
            }
            try accept(option, nil, words, &index)
        }
    }

    private mutating func accept(
        _ option: (declaration: OptionDeclaration, index: Int), _ attached: String?,
        _ words: ArraySlice<String>, _ index: inout Int
    ) throws(UsageError) {
        let declared = option.declaration
        var value = attached
        if declared.takesValue && value == nil {
            guard index < words.endIndex else {
                // An engine finds out by this very text what a restore can do.
                throw .shape("flag needs an argument: --\(declared.name)")
            }
            value = words[index]
            index += 1
        }
        let text = try checked(value ?? "true", declared)
        if option.index < 0 {
            if declared.name == "help" { wantsHelp = text == "true" }
            if declared.name == "usage" { wantsUsage = text == "true" }
        } else if !declared.traits.contains(.ignored) {
            occurrences.append(Occurrence(option: option.index, value: text))
        }
    }

    private func checked(
        _ value: String, _ option: OptionDeclaration
    ) throws(UsageError) -> String {
        if !option.takesValue {
            guard let isOn = parseBoolean(value) else {
                throw .value("--\(option.name): \"\(value)\" is neither true nor false")
            }
            return isOn ? "true" : "false"
        }
        if case .choice(let words) = option.kind, !words.contains(value) {
            let list = words.joined(separator: ", ")
            throw .value("--\(option.name): \"\(value)\" is not one of \(list)")
        }
        return value
    }

    private func find(_ name: String) -> (declaration: OptionDeclaration, index: Int)? {
        for (index, option) in declaration.options.enumerated() where option.name == name {
            return (option, index)
        }
        for option in OptionDeclaration.common where option.name == name {
            return (option, -1)
        }
        return nil
    }

    private func find(_ letter: UInt8) -> (declaration: OptionDeclaration, index: Int)? {
        for (index, option) in declaration.options.enumerated()
        where option.short.utf8.contains(letter) {
            return (option, index)
        }
        for option in OptionDeclaration.common where option.short.utf8.contains(letter) {
            return (option, -1)
        }
        return nil
    }

    private func unknownOption(_ word: String, _ name: String) -> UsageError {
        let shown = String(word.prefix { $0 != "=" })
        let isProgram = if case .command = declaration.tail { true } else { false }
        if !isProgram && GlobalOptions.declaration.options.contains(where: { $0.name == name }) {
            return .shape(
                "unknown option \(shown) for \(declaration.name)"
                    + " (it is a global option, which stands before the command)")
        }
        let known = (declaration.options + OptionDeclaration.common)
            .filter { !$0.isHidden }.map(\.name)
        let hint = nearest(to: name, in: known).map { " (did you mean --\($0)?)" } ?? ""
        let place = isProgram ? "" : " for \(declaration.name)"
        return .shape("unknown option \(shown)\(place)\(hint)")
    }

    private func checkPositionals() throws(UsageError) {
        if case .command = declaration.tail, positionals.isEmpty {
            throw .shape("no command given")
        }
        var limit = 0
        for positional in declaration.positionals {
            switch positional.arity {
            case .one:
                guard positionals.count > limit else {
                    throw .shape("\(declaration.name) needs an argument: \(positional.name)")
                }
                limit += 1
            case .optional:
                limit += 1
            case .rest:
                return
            }
        }
        if positionals.count > limit {
            throw .shape("unexpected argument \"\(positionals[limit])\" for \(declaration.name)")
        }
    }
}

private var dash: UInt8 { UInt8(ascii: "-") }
