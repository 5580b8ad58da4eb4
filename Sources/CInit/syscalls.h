// System calls that libc lacks or wraps differently from release to release.
//
// <sys/mount.h> and <linux/mount.h> cannot be included together with glibc 2.36, so this target
// uses the kernel's header and calls mount(2) and umount2(2) through here as well. Each wrapper
// returns -1 and sets errno, as libc does.

#ifndef APUS_SYSCALLS_H
#define APUS_SYSCALLS_H

#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif
#ifndef UMOUNT_NOFOLLOW
#define UMOUNT_NOFOLLOW 8
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

static inline int sys_openat2(int dir, const char *path, uint64_t flags, uint64_t resolve) {
    struct open_how how = {.flags = flags | O_CLOEXEC, .resolve = resolve};
    return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

static inline int sys_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)syscall(SYS_close_range, first, last, flags);
}

static inline int sys_mount(const char *source, const char *target, const char *type,
    unsigned long flags, const void *data) {
    return (int)syscall(SYS_mount, source, target, type, flags, data);
}

static inline int sys_umount2(const char *target, int flags) {
    return (int)syscall(SYS_umount2, target, flags);
}

static inline int sys_pivot_root(const char *root, const char *old) {
    return (int)syscall(SYS_pivot_root, root, old);
}

static inline int sys_open_tree(int dir, const char *path, unsigned flags) {
    return (int)syscall(SYS_open_tree, dir, path, flags | OPEN_TREE_CLOEXEC);
}

static inline int sys_move_mount(int tree, int target) {
    return (int)syscall(
        SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static inline int sys_mount_setattr(int fd, unsigned flags, struct mount_attr *attr) {
    return (int)syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attr, sizeof(*attr));
}

static inline int sys_fsopen(const char *type) {
    return (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
}

static inline int sys_fsconfig(int fd, unsigned command, const char *key, const char *value) {
    return (int)syscall(SYS_fsconfig, fd, command, key, value, 0);
}

static inline int sys_fsmount(int fd, unsigned attributes) {
    return (int)syscall(SYS_fsmount, fd, FSMOUNT_CLOEXEC, attributes);
}

static inline int sys_clone3(struct clone_args *arguments) {
    return (int)syscall(SYS_clone3, arguments, sizeof(*arguments));
}

static inline int sys_pidfd_send_signal(int pidfd, int number) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0);
}

#endif
