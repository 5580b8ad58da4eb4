// Constants that libc declares under _GNU_SOURCE only, or that younger headers than Debian 12's
// declare, under their kernel names.

/// `open(2)`: a descriptor that only names a place in the file system.
package let O_PATH: Int32 = 0o10000000
/// `clone(2)` flags, as in `linux/sched.h`.
package let CLONE_NEWTIME: UInt64 = 0x80
package let CLONE_NEWNS: UInt64 = 0x20000
package let CLONE_NEWCGROUP: UInt64 = 0x0200_0000
package let CLONE_NEWUTS: UInt64 = 0x0400_0000
package let CLONE_NEWIPC: UInt64 = 0x0800_0000
package let CLONE_NEWUSER: UInt64 = 0x1000_0000
package let CLONE_NEWPID: UInt64 = 0x2000_0000
package let CLONE_NEWNET: UInt64 = 0x4000_0000
package let CLONE_INTO_CGROUP: UInt64 = 0x2_0000_0000

/// `statfs.f_type` values, as in `linux/magic.h`.
package let PROC_SUPER_MAGIC = 0x9fa0
package let CGROUP_SUPER_MAGIC = 0x27e0eb
package let CGROUP2_SUPER_MAGIC = 0x6367_7270
package let TMPFS_MAGIC = 0x0102_1994
package let SYSFS_MAGIC = 0x6265_6572
package let NSFS_MAGIC = 0x6e73_6673
package let SQUASHFS_MAGIC = 0x7371_7368
package let EROFS_SUPER_MAGIC = 0xe0f5_e1e2
package let ISOFS_SUPER_MAGIC = 0x9660

/// `mount(2)` flags, as in `linux/mount.h`.
package let MS_RDONLY: UInt64 = 1
package let MS_NOSUID: UInt64 = 2
package let MS_NODEV: UInt64 = 4
package let MS_NOEXEC: UInt64 = 8
package let MS_SYNCHRONOUS: UInt64 = 16
package let MS_REMOUNT: UInt64 = 32
package let MS_MANDLOCK: UInt64 = 64
package let MS_DIRSYNC: UInt64 = 128
package let MS_NOSYMFOLLOW: UInt64 = 256
package let MS_NOATIME: UInt64 = 1024
package let MS_NODIRATIME: UInt64 = 2048
package let MS_BIND: UInt64 = 4096
package let MS_REC: UInt64 = 16384
package let MS_SILENT: UInt64 = 32768
package let MS_POSIXACL: UInt64 = 1 << 16
package let MS_UNBINDABLE: UInt64 = 1 << 17
package let MS_PRIVATE: UInt64 = 1 << 18
package let MS_SLAVE: UInt64 = 1 << 19
package let MS_SHARED: UInt64 = 1 << 20
package let MS_RELATIME: UInt64 = 1 << 21
package let MS_I_VERSION: UInt64 = 1 << 23
package let MS_STRICTATIME: UInt64 = 1 << 24
package let MS_LAZYTIME: UInt64 = 1 << 25

/// `mount_setattr(2)` attributes, as in `linux/mount.h`.
package let MOUNT_ATTR_RDONLY: UInt64 = 0x1
package let MOUNT_ATTR_NOSUID: UInt64 = 0x2
package let MOUNT_ATTR_NODEV: UInt64 = 0x4
package let MOUNT_ATTR_NOEXEC: UInt64 = 0x8
package let MOUNT_ATTR__ATIME: UInt64 = 0x70
package let MOUNT_ATTR_RELATIME: UInt64 = 0x0
package let MOUNT_ATTR_NOATIME: UInt64 = 0x10
package let MOUNT_ATTR_STRICTATIME: UInt64 = 0x20
package let MOUNT_ATTR_NODIRATIME: UInt64 = 0x80
package let MOUNT_ATTR_IDMAP: UInt64 = 0x0010_0000
package let MOUNT_ATTR_NOSYMFOLLOW: UInt64 = 0x0020_0000

/// Flags of the `*at` calls, as in `linux/fcntl.h`.
package let AT_EMPTY_PATH: UInt32 = 0x1000
package let AT_RECURSIVE: UInt32 = 0x8000

/// `prctl(2)` options, as in `linux/prctl.h`.
package let PR_CAPBSET_READ: Int32 = 23
package let PR_SET_CHILD_SUBREAPER: Int32 = 36
