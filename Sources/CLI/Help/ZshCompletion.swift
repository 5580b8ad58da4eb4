/// A completion script for zsh, in terms of its _arguments function.
func zshCompletion(_ commands: [CommandDeclaration]) -> String {
    let global = GlobalOptions.declaration
    let summaries = commands.map { "        '\(quoted("\($0.name):\($0.summary)"))'" }
    return """
        #compdef apus
        # Completion of apus for zsh.

        _apus_containers() {
            local -a ids root
            [[ -n ${opt_args[--root]} ]] && root=(--root "${opt_args[--root]}")
            ids=(${(f)"$(apus $root list -q 2>/dev/null)"})
            compadd -a ids
        }

        _apus_commands() {
            local -a commands=(
        \(summaries.joined(separator: "\n"))
            )
            _describe command commands
        }

        _apus() {
            local context state line curcontext=$curcontext
            local -A opt_args
            _arguments -C \\
        \(optionSpecs(global))
                '1:command:_apus_commands' \\
                '*::argument:->arguments'
            [[ $state == arguments ]] || return
            case $line[1] in
        \(commands.map(commandCase).joined(separator: "\n"))
            esac
        }

        _apus "$@"

        """
}

private func commandCase(_ declaration: CommandDeclaration) -> String {
    var specs = [optionSpecs(declaration)]
    for (place, positional) in declaration.positionals.enumerated() {
        let number = if case .rest = positional.arity { "*" } else { "\(place + 1)" }
        let optional = if case .optional = positional.arity { ":" } else { "" }
        let message = escapedColons(positional.name)
        specs.append("            '\(number):\(optional)\(message):\(action(positional.kind))' \\")
    }
    specs.append("            && return")
    return """
            \(declaration.name))
                _arguments \\
        \(specs.joined(separator: "\n"))
                ;;
        """
}

private func optionSpecs(_ declaration: CommandDeclaration) -> String {
    visibleOptions(declaration).map { option in
        // A bare -? would be a pattern for file names.
        let names = option.short.filter { $0 != "?" }.map { "-\($0)" } + ["--" + option.name]
        let isRepeatable = option.traits.contains(.repeatable)
        // The names exclude each other, unless the option may be repeated.
        var spec = isRepeatable ? "'*'" : "'(\(names.joined(separator: " ")))'"
        spec += names.count > 1 ? "{\(names.joined(separator: ","))}" : names[0]
        spec += "'[\(quoted(escapedBrackets(option.help)))]"
        if option.takesValue {
            spec += ":\(quoted(escapedColons(option.valueName))):\(action(option.kind))"
        }
        return "            \(spec)' \\"
    }.joined(separator: "\n")
}

private func action(_ kind: ValueKind) -> String {
    switch kind {
    case .text: return " "
    case .file: return "_files"
    case .directory: return "_files -/"
    case .containerID: return "_apus_containers"
    case .signal: return "_signals"
    case .commandName: return "_apus_commands"
    case .choice(let words): return "(\(words.joined(separator: " ")))"
    }
}

private func quoted(_ text: String) -> String {
    text.map { $0 == "'" ? "'\\''" : String($0) }.joined()
}

private func escapedColons(_ text: String) -> String {
    text.map { $0 == ":" ? "\\:" : String($0) }.joined()
}

private func escapedBrackets(_ text: String) -> String {
    text.map { $0 == "[" || $0 == "]" || $0 == ":" ? "\\\($0)" : String($0) }.joined()
}
