#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

int ck_openat2(int dirfd, const char *path, int flags, mode_t mode, uint64_t resolve) {
    struct open_how how = {
        .flags = (uint64_t)(unsigned int)flags, .mode = mode, .resolve = resolve};
    return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof how);
}

int ck_exchange(int dirfd, const char *first, const char *second) {
    return renameat2(dirfd, first, dirfd, second, RENAME_EXCHANGE);
}

ssize_t ck_fgetxattr(int fd, const char *name, void *value, size_t size) {
    return fgetxattr(fd, name, value, size);
}

int ck_fsetxattr(int fd, const char *name, const void *value, size_t size, int flags) {
    return fsetxattr(fd, name, value, size, flags);
}

int ck_fremovexattr(int fd, const char *name) {
    return fremovexattr(fd, name);
}

int ck_ioctl(int fd, unsigned long request, unsigned long argument) {
    return ioctl(fd, request, argument);
}

int ck_ioctl_pointer(int fd, unsigned long request, void *argument) {
    return ioctl(fd, request, argument);
}

int ck_fcntl(int fd, int command, long argument) {
    return fcntl(fd, command, argument);
}

int ck_prctl(
    int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5) {
    return prctl(option, arg2, arg3, arg4, arg5);
}

int ck_close_range(unsigned int first, unsigned int last, unsigned int flags) {
    return (int)syscall(SYS_close_range, first, last, flags);
}

long ck_filesystem_magic(int fd) {
    struct statfs status;
    return fstatfs(fd, &status) < 0 ? -1 : (long)status.f_type;
}

long ck_filesystem_magic_of(const char *path) {
    struct statfs status;
    return statfs(path, &status) < 0 ? -1 : (long)status.f_type;
}

const char *ck_errno_name(int number) {
    return strerrorname_np(number);
}

const char *ck_errno_text(int number) {
    return strerrordesc_np(number);
}

int ck_open_tree(int dirfd, const char *path, unsigned int flags) {
    return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

int ck_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags) {
    return (int)syscall(SYS_move_mount, from_fd, from, to_fd, to, flags);
}

int ck_fsopen(const char *type, unsigned int flags) {
    return (int)syscall(SYS_fsopen, type, flags);
}

int ck_fsconfig(int fd, unsigned int command, const char *key, const void *value, int aux) {
    return (int)syscall(SYS_fsconfig, fd, command, key, value, aux);
}

int ck_fsmount(int fd, unsigned int flags, unsigned int attributes) {
    return (int)syscall(SYS_fsmount, fd, flags, attributes);
}

int ck_mount_setattr(int dirfd, const char *path, unsigned int flags, uint64_t set, uint64_t clear,
    uint64_t propagation, int userns_fd) {
    struct mount_attr attributes = {
        .attr_set = set,
        .attr_clr = clear,
        .propagation = propagation,
        .userns_fd = userns_fd < 0 ? 0 : (uint64_t)userns_fd,
    };
    return (int)syscall(SYS_mount_setattr, dirfd, path, flags, &attributes, sizeof attributes);
}

int ck_pidfd_open(pid_t pid, unsigned int flags) {
    return (int)syscall(SYS_pidfd_open, pid, flags);
}

int ck_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int ck_pidfd_getfd(int pidfd, int target, unsigned int flags) {
    return (int)syscall(SYS_pidfd_getfd, pidfd, target, flags);
}

pid_t ck_waitid(int idtype, unsigned int id, int options, int *code, int *status) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid((idtype_t)idtype, id, &info, options) < 0) {
        return -1;
    }
    *code = info.si_code;
    *status = info.si_status;
    return info.si_pid;
}

int ck_ioprio_set(int which, int who, int value) {
    return (int)syscall(SYS_ioprio_set, which, who, value);
}

int ck_sched_setattr(pid_t pid, const struct ck_sched_attr *attributes, unsigned int flags) {
    return (int)syscall(SYS_sched_setattr, pid, attributes, flags);
}

long ck_seccomp(unsigned int operation, unsigned int flags, void *arguments) {
    return syscall(SYS_seccomp, operation, flags, arguments);
}

long ck_bpf(int command, void *attributes, unsigned int size) {
    return syscall(SYS_bpf, command, attributes, size);
}

dev_t ck_makedev(unsigned int major_number, unsigned int minor_number) {
    return makedev(major_number, minor_number);
}

unsigned int ck_major(dev_t device) {
    return major(device);
}

unsigned int ck_minor(dev_t device) {
    return minor(device);
}

int ck_sched_setaffinity(pid_t pid, size_t size, const void *mask) {
    return (int)syscall(SYS_sched_setaffinity, pid, size, mask);
}

int ck_sched_getaffinity(pid_t pid, size_t size, void *mask) {
    return (int)syscall(SYS_sched_getaffinity, pid, size, mask);
}

int ck_prlimit(pid_t pid, int resource, uint64_t soft, uint64_t hard) {
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    return prlimit(pid, (__rlimit_resource_t)resource, &limit, NULL);
}
