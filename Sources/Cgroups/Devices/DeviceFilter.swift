import Glibc
import Kernel

/// Puts a device program into force on a version 2 cgroup.
enum DeviceFilter {
    private static let property = "linux/resources/devices"

    /// Loads a program and attaches it to a cgroup; what was attached there before goes, unless it is
    /// another's.
    ///
    /// All programs along the path must agree to an access, so a new program beside old ones could
    /// only narrow what they allow; and replacing leaves no moment without any. The program that
    /// systemd has attached to a unit stays: systemd would bring it back at its next reload.
    static func apply(
        _ program: DeviceProgram, to directory: String, besideOthers: Bool = false
    ) throws(CgroupError) {
        let target: FileDescriptor
        do throws(Errno) {
            target = try FileDescriptor.open(directory, O_RDONLY | O_DIRECTORY)
        } catch {
            throw failure("cannot open the cgroup", "openat", directory, error)
        }
        let loaded = try load(program)
        let old = besideOthers ? [] : try attached(to: target.rawValue, directory)
        do throws(Errno) {
            if old.count == 1, try replace(old[0], by: loaded, on: target.rawValue) { return }
            try BPF.attach(loaded, to: target.rawValue, as: .cgroupDevice)
            for id in old {
                let program = try BPF.program(id: id)
                try BPF.detach(program, from: target.rawValue, as: .cgroupDevice)
            }
        } catch {
            throw failure("cannot attach the device filter", "bpf", directory, error)
        }
    }

    private static func load(_ program: DeviceProgram) throws(CgroupError) -> FileDescriptor {
        let words = program.encoded
        do throws(Errno) {
            return try BPF.load(.cgroupDevice, words, name: "apus_devices")
        } catch .notPermitted {
            // Before Linux 5.11 programs count against RLIMIT_MEMLOCK.
            do throws(Errno) {
                return try MemoryLock.unlimited { () throws(Errno) in
                    try BPF.load(.cgroupDevice, words, name: "apus_devices")
                }
            } catch {
                throw failure("cannot load the device filter", "bpf", "BPF_PROG_LOAD", error)
            }
        } catch {
            throw failure("cannot load the device filter", "bpf", "BPF_PROG_LOAD", error)
        }
    }

    private static func attached(
        to target: Int32, _ directory: String
    ) throws(CgroupError) -> [UInt32] {
        do throws(Errno) {
            return try BPF.attached(to: target, as: .cgroupDevice)
        } catch {
            throw failure("cannot list device filters", "bpf", directory, error)
        }
    }

    // Returns false on kernels that cannot replace (before 5.6).
    private static func replace(
        _ id: UInt32, by program: borrowing FileDescriptor, on target: Int32
    ) throws(Errno) -> Bool {
        let old = try BPF.program(id: id)
        do throws(Errno) {
            try BPF.attach(program, to: target, as: .cgroupDevice, replacing: old.rawValue)
            return true
        } catch .invalid {
            return false
        }
    }

    private static func failure(
        _ message: String, _ call: String, _ subject: String, _ errno: Errno
    ) -> CgroupError {
        CgroupError(message, property: property, cause: SystemError(call, subject, errno))
    }
}

extension DeviceProgram {
    /// The instructions as `struct bpf_insn` lies in memory on a little-endian machine.
    var encoded: [UInt64] {
        instructions.map { instruction in
            UInt64(instruction.code) | UInt64(instruction.registers) << 8
                | UInt64(UInt16(bitPattern: instruction.offset)) << 16
                | UInt64(UInt32(bitPattern: instruction.immediate)) << 32
        }
    }
}

/// The limit on locked memory, lifted for one call.
private enum MemoryLock {
    /// `RLIMIT_MEMLOCK`, the same number on every architecture that this builds for.
    private static let resource = __rlimit_resource_t(8)

    static func unlimited<Result: ~Copyable>(
        _ body: () throws(Errno) -> Result
    ) throws(Errno) -> Result {
        var before = rlimit()
        try Syscall.call("getrlimit") { getrlimit(resource, &before) }
        var lifted = rlimit(rlim_cur: rlim_t.max, rlim_max: rlim_t.max)
        try Syscall.call("setrlimit") { setrlimit(resource, &lifted) }
        defer { _ = setrlimit(resource, &before) }
        return try body()
    }
}
