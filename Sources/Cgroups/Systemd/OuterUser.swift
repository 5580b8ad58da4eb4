import Glibc
import Kernel

/// Who the caller is outside of its user namespace: engines for ordinary users start the runtime as
/// the root of one of their own.
package enum OuterUser {
    /// The effective uid as the namespace above counts; the plain one where that cannot be said.
    static func uid(_ own: UInt32 = geteuid(), map file: String = "/proc/self/uid_map") -> UInt32 {
        guard let text = CgroupFile.text(file) else { return own }
        for range in IDMapRange.parse(text) {
            if let uid = range.outside(own) { return uid }
        }
        return own
    }

    /// Whether a caller without rights on the host has a systemd of their own to ask.
    ///
    /// Root of a user namespace may also be the root of a whole system in it, with its one manager:
    /// there, nothing names a session.
    package static func hasManager(_ euid: UInt32 = geteuid()) -> Bool {
        euid != 0 || isSet("DBUS_SESSION_BUS_ADDRESS") || isSet("XDG_RUNTIME_DIR")
    }

    private static func isSet(_ name: String) -> Bool {
        Environment.value(name).map { !$0.isEmpty } ?? false
    }
}
