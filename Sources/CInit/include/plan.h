// The plan: what the init stage does, in order, as one read-only mapping.
//
// This header is the only definition of the wire format. Swift imports it to encode
// (Sources/Container/Planning/PlanEncoder.swift) and C includes it to execute, so that the two
// can never drift. The parent writes the plan to a memfd, seals it and passes it to the init stage,
// which maps it read-only, validates it once (plan_validate) and then runs the operations one by
// one. All integers are in host byte order: writer and reader are the same binary.
//
//   plan_header | plan_op[op_count] | table
//
// The table holds strings, lists and binary blobs. An entry is a u32 length, that many bytes, and a
// NUL byte, padded to a multiple of 8; offsets in operations count from the start of the table and
// point to the length. Offset 0 is the empty string and stands for "none". A list is an entry
// whose bytes are NUL-terminated strings one after the other; the operation says how many.

#ifndef APUS_PLAN_H
#define APUS_PLAN_H

#include <stdint.h>

#include "wire.h"

#define PLAN_MAGIC 0x73757041u // "Apus"
#define PLAN_VERSION 1
#define PLAN_NO_FD (-1)

// Upper bounds that the validator enforces: far above anything real, low enough to bound work.
#define PLAN_MAX_OPS 65536u
#define PLAN_MAX_SIZE (64u << 20)
#define PLAN_MAX_FDS 16384u

// Every operation: constant, name as `apus plan` prints it, and the function that executes it
// (int op_NAME(struct init *, const struct plan_op *), 0 or a negative errno).
//
// Operands are str[0..3] (table offsets), fd (an index into the passed descriptors, or PLAN_NO_FD)
// and num[0..2]. "in-root" paths are resolved under the container's root by descriptor
// (openat2 RESOLVE_IN_ROOT|RESOLVE_NO_MAGICLINKS) and never as a string.
// clang-format off
#define PLAN_OPS(X)                                                                                \
    /* -- namespaces: ops_namespace.c -- */                                                        \
    X(SETNS, "setns", op_setns)             /* fd; num0 = CLONE_NEW* mask expected (checked) */    \
    X(UNSHARE, "unshare", op_unshare)       /* num0 = CLONE_NEW* mask */                           \
    X(SYNC, "sync", op_sync)                /* num0 = enum sync_reason; waits for GO */            \
    X(FORK, "fork", op_fork)                /* clone(CLONE_PARENT|PIDFD), FORKED, stage one ends */\
    X(BECOME_ROOT, "become-root", op_become_root) /* num0 = uid, num1 = gid: those that set up */   \
    X(DUMPABLE, "dumpable", op_dumpable)    /* num0 = 0 or 1 */                                    \
    X(SETSID, "setsid", op_setsid)          /* */                                                  \
    X(KEYRING, "keyring", op_keyring)       /* str0 = name; num0 = permission bits to add */       \
    X(LOOPBACK, "loopback", op_loopback)    /* brings lo up */                                     \
    /* -- root and mounts: ops_root.c, ops_mount.c, ops_bind.c, ops_copyup.c -- */                 \
    X(PROPAGATION, "propagation", op_propagation) /* num0 = MS_* propagation (MS_REC) of "/" */    \
    X(ROOTFS, "rootfs", op_rootfs)          /* fd = detached tree or none: str0 cloned here;       \
                                               str0 = path where it is attached; num0 = MS_*       \
                                               propagation of the tree, 0: rslave */               \
    X(MOUNT, "mount", op_mount)             /* str0 = type, str1 = source, str2 = in-root target,  \
                                               str3 = list of "key" and "key=value" (num2 = count);\
                                               num0 = MOUNT_ATTR_* to set; num1 = MS_* propagation \
                                               or 0 */                                             \
    X(MOUNT_LEGACY, "mount-legacy", op_mount_legacy) /* mount(2): str0 = type, str1 = source,      \
                                               str2 = in-root target, str3 = data; num0 = MS_*;    \
                                               num1 = MS_* propagation or 0 */                     \
    X(BIND, "bind", op_bind)                /* fd = detached tree with attributes and propagation  \
                                               already applied; or none: str1 = source path,       \
                                               cloned here, num0/num1 = MOUNT_ATTR_* set/clear of  \
                                               the top mount (whole tree: SETATTR after it).       \
                                               str2 = in-root target; num2 = MS_* propagation, 0:  \
                                               as it is */                                         \
    X(SETATTR, "setattr", op_setattr)       /* str2 = in-root target; num0/num1 = MOUNT_ATTR_*     \
                                               set/clear; num2 = MS_* propagation or 0 */          \
    X(MKDIR, "mkdir", op_mkdir)             /* str2 = in-root path; num0 = mode; all components */ \
    X(SYMLINK, "symlink", op_symlink)       /* str0 = text, str2 = in-root path; an existing entry \
                                               is left as it is */                                 \
    X(UNLINK, "unlink", op_unlink)          /* str2 = in-root path of a file or symlink */         \
    X(UNMOUNT, "unmount", op_unmount)       /* str2 = in-root path; what is mounted there goes,    \
                                               busy or not */                                      \
    X(PIVOT, "pivot", op_pivot)             /* pivot_root(".", "."), old root detached, "/" */     \
    X(MOVE_ROOT, "move-root", op_move_root) /* --no-pivot: MS_MOVE onto "/", chroot */             \
    X(CHROOT, "chroot", op_chroot)          /* fd = a directory, or none: str2 = in-root path of   \
                                               one; becomes "/" in a joined mount namespace */     \
    /* -- devices: ops_device.c -- */                                                              \
    X(MKNOD, "mknod", op_mknod)             /* str2 = in-root path; num0 = S_IF* | mode;           \
                                               num1 = makedev(); num2 = uid << 32 | gid; an entry  \
                                               of another kind or number is EEXIST */              \
    /* -- terminal and descriptors: ops_console.c -- */                                            \
    X(CONSOLE, "console", op_console)       /* new pty from the container's devpts; FD(console);   \
                                               becomes stdio and controlling terminal;             \
                                               num0 = rows << 32 | columns or 0; num1 = owner uid; \
                                               num2 = 1: "\n" stays as it is, for a relay;         \
                                               bound on /dev/console when PLAN_CONSOLE_BIND */     \
    X(STDIO_NULL, "stdio-null", op_stdio_null) /* reopens stdio that is the host's /dev/null */    \
    X(STDIO_OWNER, "stdio-owner", op_stdio_owner) /* fchown(0..2) to num0 = uid, not /dev/null */  \
    X(CLOSE_FDS, "close-fds", op_close_fds) /* closes all above the payload's descriptors */       \
    /* -- kernel objects: ops_kernel.c -- */                                                       \
    X(HOSTNAME, "hostname", op_hostname)    /* str0 */                                             \
    X(DOMAINNAME, "domainname", op_domainname) /* str0 */                                          \
    X(SYSCTL, "sysctl", op_sysctl)          /* str0 = path below sys/ of procfs; str1 = value */   \
    X(PERSONALITY, "personality", op_personality) /* num0 */                                       \
    X(MEMPOLICY, "mempolicy", op_mempolicy) /* str0 = node mask blob; num0 = mode and flags;       \
                                               num1 = maxnode */                                   \
    X(UMASK, "umask", op_umask)             /* num0 */                                             \
    /* -- protection: ops_security.c -- */                                                         \
    X(READONLY_PATH, "readonly-path", op_readonly_path) /* str2 = in-root path */                  \
    X(MASK_PATH, "mask-path", op_mask_path) /* str2 = in-root path; a file gets the verified       \
                                               /dev/null, a directory a read-only empty tmpfs,     \
                                               whose SELinux label is str0 */                      \
    X(RELABEL, "relabel", op_relabel)       /* str2 = in-root path of a directory; str0 = its      \
                                               SELinux label */                                    \
    X(LABEL, "label", op_label)             /* str0 = file below the thread's attr/; str1 = text */\
    X(NO_NEW_PRIVS, "no-new-privs", op_no_new_privs) /* */                                         \
    /* -- the system call filter: ops_seccomp.c -- */                                              \
    X(SECCOMP, "seccomp", op_seccomp)       /* str0 = sock_filter blob; num0 = instructions;       \
                                               num1 = SECCOMP_FILTER_FLAG_*; a listener goes to    \
                                               the parent: FD(notify) */                           \
    /* -- credentials: ops_credentials.c -- */                                                     \
    X(SETGROUPS, "setgroups", op_setgroups) /* str0 = u32 array blob; num0 = count */              \
    X(SETGID, "setgid", op_setgid)          /* num0, real, effective and saved */                  \
    X(SETUID, "setuid", op_setuid)          /* num0; keeps capabilities until CAPSET */            \
    X(BOUNDING, "bounding", op_bounding)    /* num0 = mask of what stays */                        \
    X(CAPSET, "capset", op_capset)          /* num0 effective, num1 permitted, num2 inheritable */ \
    X(AMBIENT, "ambient", op_ambient)       /* num0 = mask */                                      \
    /* -- the program: ops_process.c, ops_hook.c -- */                                             \
    X(CHDIR, "chdir", op_chdir)             /* str0 = path, verified to be inside the root;        \
                                               PLAN_CHDIR_TRY puts EACCES off to a second CHDIR */ \
    X(HOME, "home", op_home)                /* num0 = uid; HOME from the root's /etc/passwd */     \
    X(RESOLVE_EXEC, "resolve-exec", op_resolve_exec) /* str0 = args[0], str1 = PATH value */       \
    X(HOOK, "hook", op_hook)                /* str0 = path; str1 = argv list, str2 = env list;     \
                                               str3 = list of two: state JSON before and after the \
                                               pid; num0 = argc << 32 | envc; num1 = timeout in ms \
                                               or 0; num2 = places of standard error << 32 and     \
                                               output: index of a passed descriptor + 1, or 0 */   \
    X(WAIT_START, "wait-start", op_wait_start) /* fd = exec.fifo, O_PATH; closes the sync socket */\
    X(DONE, "done", op_done)                /* ends a plan without a program */                    \
    X(EXEC, "exec", op_exec)                /* str0 = argv list, str1 = env list;                  \
                                               num0 = argc, num1 = envc */
// clang-format on

typedef WIRE_ENUM(plan_kind, uint16_t){
#define X(constant, name, function) PLAN_OP_##constant,
    PLAN_OPS(X)
#undef X
} plan_kind;

enum {
#define X(constant, name, function) +1
    PLAN_OP_COUNT = PLAN_OPS(X)
#undef X
};

// Flags of any operation.
enum {
    PLAN_WARN = 1 << 0,          // a failure is reported (WARN) and the plan goes on
    PLAN_IGNORE_ENOENT = 1 << 1, // a missing target is no failure
    PLAN_INSTEAD = 1 << 2,       // only done where the last MOUNT was refused
    // Flags of one operation.
    PLAN_REFUSABLE = 1 << 3,     // MOUNT: EPERM and EBUSY are left to what follows with INSTEAD
    PLAN_RECURSIVE = 1 << 8,     // BIND, SETATTR, ROOTFS: the whole tree
    PLAN_NOFOLLOW = 1 << 9,      // MOUNT, BIND: the target's last component is no symlink
    PLAN_COPYUP = 1 << 10,       // MOUNT: the target's content is copied into the new file system
    PLAN_CONSOLE_BIND = 1 << 11, // CONSOLE: the pty is also bound on /dev/console
    PLAN_CHDIR_TRY = 1 << 12,    // CHDIR: see there
    PLAN_RUN_HOOK_IN_ROOT = 1 << 13,  // HOOK: getpid() is the container's (documentation of origin)
    PLAN_EMPTY_TARGET_MODE = 1 << 14, // MOUNT: "mode=" is taken over from an existing target
    PLAN_SOURCE_IN_ROOT = 1 << 15,    // BIND: str1 is an in-root path, with what is mounted by now
};

struct plan_op {
    uint16_t kind; // enum plan_kind
    uint16_t flags;
    uint32_t origin; // table offset of the config location, such as "mounts/3"
    uint32_t str[4];
    int32_t fd; // index of a passed descriptor, or PLAN_NO_FD
    uint32_t reserved;
    uint64_t num[3];
};

// Flags of the plan.
enum {
    PLAN_TRACE = 1 << 0, // send TIMING after each operation
};

struct plan_header {
    uint32_t magic;
    uint16_t version;
    uint16_t flags;
    uint32_t size; // of the whole mapping
    uint32_t op_count;
    uint32_t table_offset;
    uint32_t table_size;
    uint32_t fd_count;    // descriptors passed after socket and plan
    uint32_t payload_fds; // descriptors the program keeps: 0..2 and 3..2+payload_fds
};

_Static_assert(sizeof(struct plan_op) == 56, "wire format");
_Static_assert(sizeof(struct plan_header) == 32, "wire format");
_Static_assert(sizeof(struct plan_op) % 8 == 0, "operations stay aligned");

#endif
