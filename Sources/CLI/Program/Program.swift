import Container
import Glibc

/// One run of the program: global options, the log, the command, and the failure if there is one.
struct Program {
    let commit: String
    /// How many descriptors from 3 the caller left open.
    var inherited = 0
    var surroundings = Surroundings.real
    /// Where failures are told to people.
    var errors = STDERR_FILENO

    /// Reports a failure that comes before there is a log.
    static func refuse(_ message: String, _ errors: Int32 = STDERR_FILENO) -> Int32 {
        Log(errors: errors).error(message)
        return 1
    }

    /// Runs a command line, without the program's own name, and returns the exit status.
    func run(_ words: [String]) -> Int32 {
        var arguments = ParsedArguments(GlobalOptions.declaration)
        do throws(UsageError) {
            try arguments.parse(words[...])
        } catch {
            // --version needs no command, and the parser insists on one.
            if arguments.flag("version") { return printed(Version.listing(commit: commit)) }
            return refuse(error, arguments, GlobalOptions.declaration)
        }
        if arguments.wantsHelp { return printed(programHelp()) }
        if arguments.wantsUsage { return printed(usageLine(GlobalOptions.declaration) + "\n") }
        if arguments.flag("version") { return printed(Version.listing(commit: commit)) }
        do throws(UsageError) {
            let options = try GlobalOptions(arguments, surroundings)
            return run(arguments.positional(0) ?? "", arguments.tail, options)
        } catch {
            return refuse(error, arguments, GlobalOptions.declaration)
        }
    }

    private func run(_ name: String, _ words: [String], _ options: GlobalOptions) -> Int32 {
        let log: Log
        do throws(RuntimeError) {
            log = try Log(options.log, errors: errors)
        } catch {
            return Program.refuse(error.description, errors)
        }
        guard let entry = CommandTable.entry(name) else {
            return refuse(CommandTable.unknown(name), log, GlobalOptions.declaration)
        }
        let declaration = entry.declaration()
        var arguments = ParsedArguments(declaration)
        let context = Context(options: options, log: log, commit: commit, inherited: inherited)
        do {
            try arguments.parse(words[...])
            if arguments.wantsHelp { return printed(commandHelp(declaration)) }
            if arguments.wantsUsage { return printed(usageLine(declaration) + "\n") }
            return try entry.run(arguments, context)
        } catch let error as UsageError {
            return refuse(error, context.log, declaration)
        } catch {
            context.log.error("\(error)")
            // As a shell reports a program that the signal has ended.
            if let signal = (error as? RuntimeError)?.signal { return 128 + signal }
            return declaration.failureStatus
        }
    }

    /// Reports a wrong command line where the command line itself says, as far as that is
    /// understood.
    private func refuse(
        _ error: UsageError, _ arguments: ParsedArguments, _ declaration: CommandDeclaration
    ) -> Int32 {
        if let options = try? LogOptions(arguments), let log = try? Log(options, errors: errors) {
            return refuse(error, log, declaration)
        }
        return refuse(error, Log(errors: errors), declaration)
    }

    private func refuse(
        _ error: UsageError, _ log: borrowing Log, _ declaration: CommandDeclaration
    ) -> Int32 {
        if error.wantsHelp {
            let help = declaration.name == programName ? programHelp() : commandHelp(declaration)
            try? writeAll(help + "\n", to: errors)
        }
        // Last, where a person at a terminal looks first.
        if error.wantsHelp {
            log.error(error.message)
            return 1
        }
        log.error(declaration.failurePrefix + error.message)
        return declaration.failureStatus
    }

    private func printed(_ text: String) -> Int32 {
        do throws(RuntimeError) {
            try printResult(text)
            return 0
        } catch {
            return Program.refuse(error.description, errors)
        }
    }
}
