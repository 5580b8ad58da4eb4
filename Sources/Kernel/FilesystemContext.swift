internal import CKernel
internal import Glibc

/// A file system that is set up and mounted nowhere (`fsopen(2)`, Linux 5.2).
package enum FilesystemContext {
    /// Sets flags of a file system that the whole machine has one of.
    ///
    /// - Throws: `EINVAL` for a flag that the kernel does not know, `EPERM` without the capability.
    package static func set(_ flags: [String], of type: String) throws(Errno) {
        let context = FileDescriptor(owning: try Syscall.call("fsopen") { ck_fsopen(type, 1) })
        let raw = context.rawValue
        for flag in flags {
            try Syscall.call("fsconfig") {
                ck_fsconfig(raw, MountContext.setFlag, flag, nil, 0)
            }
        }
        try Syscall.call("fsconfig") { ck_fsconfig(raw, MountContext.create, nil, nil, 0) }
    }
}
