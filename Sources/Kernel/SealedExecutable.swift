internal import CKernel
import Glibc

/// The runtime's own program, in a form that nobody inside a container can write.
///
/// While the init stage runs inside a container's namespaces, `/proc/PID/exe` leads to the file it
/// was executed from. A container that opened it for writing would replace the host's runtime
/// (CVE-2019-5736). So init is executed from a place without a way to the writable file.
package struct SealedExecutable: ~Copyable {
    /// How the program is protected.
    package enum Kind: Sendable, Equatable {
        /// Its file system cannot be written by anybody, or it is sealed already.
        case original
        /// It is seen through an overlay without upper layer: the super block itself is read-only,
        /// and the kernel refuses to make it writable.
        ///
        /// The pages are shared with the original.
        case overlay
        /// It is a copy in a sealed memfd: the pages are counted for whoever writes them here.
        case memfd
    }

    /// For `execveat` with `AT_EMPTY_PATH`.
    package let file: FileDescriptor
    /// How the program is protected.
    package let kind: Kind
    /// The overlay's mount.
    ///
    /// It is removed with this value, which takes longer than making it: drop the value while the
    /// init stage works.
    private let mount: FileDescriptor?

    /// Protects a program, by default the one that runs.
    ///
    /// - Parameter path: a link of procfs to the program, or its path.
    /// - Throws: `SystemError` when neither overlay nor memfd can be made.
    package static func make(
        of path: String = "/proc/self/exe"
    ) throws(SystemError) -> SealedExecutable {
        let original = try open(path)
        if Memfd.isSealed(original) || isReadOnlyByNature(original) {
            return SealedExecutable(file: original, kind: .original, mount: nil)
        }
        // Whatever stops the overlay (no privilege, a file system that cannot be a layer, layers
        // nested too deep, a program renamed while it runs), the copy does without it.
        if let overlay = try? makeOverlay(path, original) { return overlay }
        return try makeCopy(original)
    }

    /// The overlay's mount for a test that attacks it.
    consuming func takeMount() -> Int32? {
        switch consume mount {
        case .some(let mount): mount.take()
        case .none: nil
        }
    }

    static func open(_ path: String) throws(SystemError) -> FileDescriptor {
        do throws(Errno) {
            return try FileDescriptor.open(path, O_RDONLY)
        } catch {
            throw SystemError("openat", path, error)
        }
    }
}

// MARK: - Overlay

extension SealedExecutable {
    /// Places for the second layer: an overlay without upper layer wants two, and no layer may lie
    /// in the other.
    ///
    /// Nothing of it shows, because the program's name is found in the first.
    private static var secondLayers: [String] { ["/dev", "/sys", "/run", "/tmp"] }

    static func makeOverlay(
        _ path: String, _ original: borrowing FileDescriptor
    ) throws(Errno) -> SealedExecutable {
        let target = path.utf8.starts(with: "/proc/".utf8) ? try Files.readLink(path) : path
        guard let slash = target.utf8.lastIndex(of: UInt8(ascii: "/")) else { throw .invalid }
        let name = String(target[target.utf8.index(after: slash)...])
        let parent = slash == target.startIndex ? "/" : String(target[..<slash])
        let directory = try FileDescriptor.open(parent, O_PATH | O_DIRECTORY)

        let mount = try mountOverlay(directory)
        let file = try FileDescriptor.open(at: mount.rawValue, name, O_PATH | O_NOFOLLOW)
        guard try isSame(file, original) else { throw Errno(ESTALE) }
        return SealedExecutable(file: file, kind: .overlay, mount: mount)
    }

    private static func mountOverlay(
        _ directory: borrowing FileDescriptor
    ) throws(Errno) -> FileDescriptor {
        var last = Errno.noEntry
        for path in secondLayers {
            guard let second = try? FileDescriptor.open(path, O_PATH | O_DIRECTORY) else {
                continue
            }
            do throws(Errno) {
                return try mountOverlay(directory, second)
            } catch .loop {
                last = .loop
            } catch .invalid {
                last = .invalid
            }
        }
        throw last
    }

    private static func mountOverlay(
        _ first: borrowing FileDescriptor, _ second: borrowing FileDescriptor
    ) throws(Errno) -> FileDescriptor {
        let context = FileDescriptor(owning: try Syscall.call("fsopen") { ck_fsopen("overlay", 1) })
        let raw = context.rawValue
        // Descriptors instead of paths: nothing to escape, and no race with a rename.
        let layers = "/proc/self/fd/\(first.rawValue):/proc/self/fd/\(second.rawValue)"
        try Syscall.call("fsconfig") {
            ck_fsconfig(raw, MountContext.setString, "lowerdir", layers, 0)
        }
        // Inode numbers stay those of the layer, to be compared.
        try Syscall.call("fsconfig") { ck_fsconfig(raw, MountContext.setString, "xino", "off", 0) }
        try Syscall.call("fsconfig") { ck_fsconfig(raw, MountContext.create, nil, nil, 0) }
        let attributes = UInt32(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
        return FileDescriptor(
            owning: try Syscall.call("fsmount") { ck_fsmount(raw, 1, attributes) })
    }

    /// Whether the overlay shows the very file.
    ///
    /// The device is the overlay's and cannot tell.
    private static func isSame(
        _ file: borrowing FileDescriptor, _ original: borrowing FileDescriptor
    ) throws(Errno) -> Bool {
        let shown = try Files.status(of: file)
        let real = try Files.status(of: original)
        return shown.st_ino == real.st_ino && shown.st_size == real.st_size
            && shown.st_mode == real.st_mode && shown.st_uid == real.st_uid
            && shown.st_ctim.tv_sec == real.st_ctim.tv_sec
            && shown.st_ctim.tv_nsec == real.st_ctim.tv_nsec
    }
}

// MARK: - Copy

extension SealedExecutable {
    static func makeCopy(
        _ original: borrowing FileDescriptor
    ) throws(SystemError) -> SealedExecutable {
        let name = "apus"
        let copy = try Memfd.executable(name)
        do throws(Errno) {
            let size = Int(try Files.status(of: original).st_size)
            let from = original.rawValue
            let to = copy.rawValue
            var copied = 0
            while copied < size {
                let count = try Syscall.call("sendfile") { ck_sendfile(to, from, size - copied) }
                if count == 0 { throw Errno(EIO) }
                copied += count
            }
        } catch {
            throw SystemError("sendfile", name, error)
        }
        try Memfd.seal(copy, name)
        return SealedExecutable(file: copy, kind: .memfd, mount: nil)
    }

    /// Whether the file lies on a file system that has no writing at all.
    ///
    /// A read-only mount of any other does not count: it can be remounted.
    private static func isReadOnlyByNature(_ file: borrowing FileDescriptor) -> Bool {
        switch try? Files.fileSystemMagic(of: file) {
        case SQUASHFS_MAGIC, EROFS_SUPER_MAGIC, ISOFS_SUPER_MAGIC: true
        default: false
        }
    }
}
