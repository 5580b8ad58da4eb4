import Glibc
internal import Kernel

/// The directories that CRIU reads and writes, open: it reaches them through `/proc/PID/fd` of its
/// caller.
struct CriuDirectories: ~Copyable {
    let images: FileDescriptor
    /// That of the log: the images' own unless another was given.
    private let work: FileDescriptor
    /// The path of the directory of the log, for messages.
    private let logPath: String
    /// The directories made here, to be removed again while they are empty.
    private let made: [String]

    private init(
        images: consuming FileDescriptor, work: consuming FileDescriptor, logPath: String,
        made: [String]
    ) {
        self.images = images
        self.work = work
        self.logPath = logPath
        self.made = made
    }

    /// The number of the directory of the log and the work files.
    var workNumber: Int32 { work.rawValue }

    /// Where a log is.
    func log(_ name: String) -> CriuSession.Log {
        CriuSession.Log(
            directory: work.rawValue, path: logPath, name: name)
    }

    /// Makes what is missing, for a checkpoint.
    static func forCheckpoint(_ settings: CriuSettings) throws(RuntimeError) -> CriuDirectories {
        var made: [String] = []
        do throws(RuntimeError) {
            if try make(settings.imagePath, "--image-path") { made.append(settings.imagePath) }
            if let work = settings.workPath, try make(work, "--work-path") { made.append(work) }
            return try open(settings, made)
        } catch {
            for path in made.reversed() { try? Files.removeDirectory(path) }
            throw error
        }
    }

    /// Opens what must be there, for a restore; only the work directory is made.
    static func forRestore(_ settings: CriuSettings) throws(RuntimeError) -> CriuDirectories {
        let isMade =
            if let work = settings.workPath { try make(work, "--work-path") } else { false }
        do throws(RuntimeError) {
            return try open(settings, isMade ? [settings.workPath ?? ""] : [])
        } catch {
            if isMade, let work = settings.workPath { try? Files.removeDirectory(work) }
            throw error
        }
    }

    private static func open(
        _ settings: CriuSettings, _ made: [String]
    ) throws(RuntimeError) -> CriuDirectories {
        let images = try open(settings.imagePath, "--image-path")
        let path = settings.workPath ?? settings.imagePath
        let work = try open(path, settings.workPath == nil ? "--image-path" : "--work-path")
        return CriuDirectories(images: images, work: work, logPath: path, made: made)
    }

    /// The same directories as a CRIU sees them that has a mount namespace of its own.
    ///
    /// It works in one of them and mounts there, which the kernel allows in its own namespace only.
    /// The processes that it makes read the images too.
    static func seen(
        by pid: Int32, _ settings: CriuSettings, _ blueprint: Blueprint
    ) throws(RuntimeError) -> CriuDirectories {
        let root: FileDescriptor
        do throws(Errno) {
            root = try FileDescriptor.open("/proc/\(pid)/root", O_PATH | O_DIRECTORY)
        } catch {
            throw RuntimeError(
                .system, "cannot open the root of criu",
                underlying: SystemError("openat", "/proc/\(pid)/root", error))
        }
        // A link on the way must not lead back to the same directory in the mount namespace of ours.
        let images = try open(settings.imagePath, "--image-path", in: root)
        let path = settings.workPath ?? settings.imagePath
        let work = try open(
            path, settings.workPath == nil ? "--image-path" : "--work-path", in: root)
        if let mapped = try MappedImages.open(settings.imagePath, images, for: blueprint) {
            return CriuDirectories(images: mapped, work: work, logPath: path, made: [])
        }
        return CriuDirectories(images: images, work: work, logPath: path, made: [])
    }

    private static func open(
        _ path: String, _ option: String, in root: borrowing FileDescriptor
    ) throws(RuntimeError) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.open(inRoot: root, path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw RuntimeError(
                .system, "cannot open the directory for criu", at: option,
                underlying: SystemError("openat2", path, error))
        }
    }

    /// Removes the directories that were made here and that nothing was written to.
    func removeEmpty() {
        for path in made.reversed() { try? Files.removeDirectory(path) }
    }

    private static func make(_ path: String, _ option: String) throws(RuntimeError) -> Bool {
        do throws(Errno) {
            try Files.makeDirectory(path, mode: 0o700)
            return true
        } catch .exists {
            return false
        } catch {
            throw RuntimeError(
                .system, "cannot make the directory", at: option,
                underlying: SystemError("mkdirat", path, error))
        }
    }

    private static func open(
        _ path: String, _ option: String
    ) throws(RuntimeError) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        } catch {
            throw RuntimeError(
                .system, "cannot open the directory", at: option,
                underlying: SystemError("openat", path, error))
        }
    }
}
