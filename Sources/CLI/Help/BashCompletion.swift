/// A completion script for bash that needs nothing but bash.
///
/// One function finds the command on the line and how many positionals stand before the cursor; the
/// tables below it are generated.
func bashCompletion(_ commands: [CommandDeclaration]) -> String {
    let all = [GlobalOptions.declaration] + commands
    return """
        # Completion of apus for bash.

        # Whether option $2 of command $1 takes the next word as its value.
        _apus_takes_value() {
            case "$1 $2" in
        \(cases(all) { $0.takesValue ? "return 0" : nil })
            esac
            return 1
        }

        # Completes the value of option $2 of command $1; $3 is what there is of it.
        _apus_value() {
            case "$1 $2" in
        \(cases(all) { completion(of: $0.kind) })
            esac
        }

        _apus_options() {
            case "$1" in
        \(all.map { "        \(key($0))) echo '\(optionWords($0))' ;;" }.joined(separator: "\n"))
            esac
        }

        # The IDs of containers, under the root that the line names.
        _apus_containers() {
            apus ${apus_root:+--root "$apus_root"} list -q 2>/dev/null
        }

        # Completes positional $2 of command $1; $3 is what there is of it.
        _apus_positional() {
            case "$1 $2" in
        \(positionalCases(all, commands))
            esac
        }

        _apus() {
            local cur=${COMP_WORDS[COMP_CWORD]} command= place=0 i word apus_root=
            COMPREPLY=()
            for ((i = 1; i < COMP_CWORD; i++)); do
                word=${COMP_WORDS[i]}
                if [[ $word == --* && ${COMP_WORDS[i + 1]} == = ]]; then
                    # Readline breaks words at the equals sign and completes what is behind it.
                    ((i += 2))
                    if ((i >= COMP_CWORD)); then
                        _apus_value "$command" "$word" "${cur#=}"
                        return
                    fi
                    [[ $word == --root ]] && apus_root=${COMP_WORDS[i]}
                elif _apus_takes_value "$command" "$word"; then
                    ((i++))
                    if ((i == COMP_CWORD)); then
                        _apus_value "$command" "$word" "$cur"
                        return
                    fi
                    [[ $word == --root ]] && apus_root=${COMP_WORDS[i]}
                elif [[ $word == --root=* ]]; then
                    apus_root=${word#*=}
                elif [[ $word != -* ]]; then
                    if [[ -z $command ]]; then command=$word; else ((place++)); fi
                fi
            done
            if [[ $cur == --*=* ]]; then
                # A shell whose COMP_WORDBREAKS lacks the equals sign.
                _apus_value "$command" "${cur%%=*}" "${cur#*=}"
                COMPREPLY=("${COMPREPLY[@]/#/${cur%%=*}=}")
            elif [[ $cur == -* ]]; then
                COMPREPLY=($(compgen -W "$(_apus_options "$command")" -- "$cur"))
            else
                _apus_positional "$command" "$place" "$cur"
            fi
        }

        complete -F _apus apus

        """
}

/// The program itself stands in the tables as the empty command.
private func key(_ declaration: CommandDeclaration) -> String {
    declaration.name == programName ? "''" : declaration.name
}

private func patterns(_ declaration: CommandDeclaration, _ option: OptionDeclaration) -> String {
    let command = declaration.name == programName ? "" : declaration.name
    let letters = option.short.map { "\"\(command) -\($0)\"" }
    return (["\"\(command) --\(option.name)\""] + letters).joined(separator: " | ")
}

private func cases(
    _ declarations: [CommandDeclaration], _ action: (OptionDeclaration) -> String?
) -> String {
    var lines: [String] = []
    for declaration in declarations {
        for option in declaration.options where !option.isHidden {
            guard let action = action(option) else { continue }
            lines.append("        \(patterns(declaration, option))) \(action) ;;")
        }
    }
    return lines.joined(separator: "\n")
}

private func optionWords(_ declaration: CommandDeclaration) -> String {
    visibleOptions(declaration).map { "--" + $0.name }.joined(separator: " ")
}

private func completion(of kind: ValueKind) -> String? {
    switch kind {
    case .text, .commandName: return nil
    case .file: return #"COMPREPLY=($(compgen -f -- "$3"))"#
    case .directory: return #"COMPREPLY=($(compgen -d -- "$3"))"#
    case .containerID: return #"COMPREPLY=($(compgen -W "$(_apus_containers)" -- "$3"))"#
    case .signal: return completion(of: .choice(commonSignals))
    case .choice(let words):
        return #"COMPREPLY=($(compgen -W '"# + words.joined(separator: " ") + #"' -- "$3"))"#
    }
}

private func positionalCases(
    _ all: [CommandDeclaration], _ commands: [CommandDeclaration]
) -> String {
    let names = ValueKind.choice(commands.map(\.name))
    var lines: [String] = []
    for declaration in all {
        let command = declaration.name == programName ? "" : declaration.name
        for (place, positional) in declaration.positionals.enumerated() {
            let kind = if case .commandName = positional.kind { names } else { positional.kind }
            guard let action = completion(of: kind) else { continue }
            lines.append("        \"\(command) \(place)\") \(action) ;;")
        }
    }
    return lines.joined(separator: "\n")
}
