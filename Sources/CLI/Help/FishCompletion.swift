/// A completion script for fish.
///
/// fish's own function for commands takes the value of `--root` for one, so the script brings its
/// own.
func fishCompletion(_ commands: [CommandDeclaration]) -> String {
    let valueOptions = GlobalOptions.declaration.options.filter(\.takesValue).map { "--" + $0.name }
    var text = """
        # Completion of apus for fish.

        # Prints the command on the line; fails when there is none yet.
        function __apus_command
            set -l words (commandline -opc)
            set -e words[1]
            while set -q words[1]
                switch $words[1]
                    case \(valueOptions.joined(separator: " "))
                        set -e words[1]
                    case '-*'
                    case '*'
                        echo $words[1]
                        return 0
                end
                set -e words[1]
            end
            return 1
        end

        function __apus_no_command
            not __apus_command >/dev/null
        end

        function __apus_in
            set -l command (__apus_command); and test "$command" = $argv[1]
        end

        function __apus_containers
            set -l words (commandline -opc)
            set -l root
            if set -l place (contains -i -- --root $words)
                set root --root $words[(math $place + 1)]
            end
            apus $root list -q 2>/dev/null
        end

        complete -c apus -f

        """
    text += options(GlobalOptions.declaration, condition: "__apus_no_command")
    for command in commands {
        text += "complete -c apus -n __apus_no_command -a \(command.name)"
        text += " -d '\(quoted(command.summary))'\n"
    }
    let names = commands.map(\.name).joined(separator: " ")
    for command in commands {
        let condition = "'__apus_in \(command.name)'"
        text += options(command, condition: condition)
        for positional in command.positionals {
            guard let words = candidates(positional.kind, names) else { continue }
            text += "complete -c apus -n \(condition) \(words)\n"
        }
    }
    return text
}

private func options(_ declaration: CommandDeclaration, condition: String) -> String {
    visibleOptions(declaration).map { option in
        var line = "complete -c apus -n \(condition)"
        for letter in option.short where letter != "?" { line += " -s \(letter)" }
        line += " -l \(option.name)"
        if option.takesValue {
            line += " -x"
            if let words = candidates(option.kind, "") { line += " " + words }
        }
        return line + " -d '\(quoted(option.help))'\n"
    }.joined()
}

/// The arguments of `complete` that offer candidates for a value, or nil when there are none to
/// offer.
private func candidates(_ kind: ValueKind, _ commands: String) -> String? {
    switch kind {
    case .text: return nil
    case .file: return "-a '(__fish_complete_path (commandline -ct))'"
    case .directory: return "-a '(__fish_complete_directories (commandline -ct))'"
    case .containerID: return "-a '(__apus_containers)'"
    case .signal: return candidates(.choice(commonSignals), commands)
    case .commandName: return "-a '\(commands)'"
    case .choice(let words): return "-a '\(words.joined(separator: " "))'"
    }
}

private func quoted(_ text: String) -> String {
    text.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
}
