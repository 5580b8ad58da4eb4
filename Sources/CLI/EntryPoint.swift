import Kernel

/// The command line, called by `main` with the words of the command line and the commit that the
/// program was built from.
@c(apus_main)
public func apusMain(
    _ count: Int32, _ words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>,
    _ commit: UnsafePointer<CChar>
) -> Int32 {
    let inherited = InheritedDescriptors.seal()
    var arguments: [String] = []
    arguments.reserveCapacity(Int(count))
    for place in 1..<max(1, Int(count)) {
        guard let word = words[place] else { break }
        // Repairing the bytes would name another file or run another command line.
        guard let text = String(validatingCString: word) else {
            return Program.refuse("argument \(place) is not valid UTF-8")
        }
        arguments.append(text)
    }
    return Program(commit: String(cString: commit), inherited: inherited).run(arguments)
}
