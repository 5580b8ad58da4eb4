// The private procfs: a mount of its own that nothing in the container can cover.
//
// Writes under /proc decide over labels and sysctls, and a container that mounts over /proc, or an
// image that brings one, would redirect or swallow them (CVE-2019-16884, CVE-2025-52881). So they
// go through a detached mount, below which neither mounts nor magic links are followed.

#include "init.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "syscalls.h"

#define PROC_ROOT_INODE 1

// The descriptor must be the root of a procfs, and not a file system that only looks like one.
static int check_proc(struct init *init, int fd) {
    struct statfs filesystem;
    struct stat status;
    if (fstatfs(fd, &filesystem) < 0 || fstat(fd, &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, "/proc");
    }
    if (filesystem.f_type != PROC_SUPER_MAGIC || status.st_ino != PROC_ROOT_INODE) {
        return init_fail(init, SYNC_CALL_CHECK, ENOTTY, "/proc is not procfs");
    }
    return 0;
}

// Makes a detached instance for the current pid namespace; -1 where the kernel refuses it.
static int make_instance(void) {
    AUTOCLOSE int context = sys_fsopen("proc");
    if (context < 0 || sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL) < 0) {
        return -1;
    }
    return sys_fsmount(context, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

// The kernel refuses a new instance in a user namespace whose pid namespace belongs to somebody
// else, and where every visible procfs is partly covered. /proc serves then: before the root
// changes it is the host's, and a cover on anything below it is an error, not a detour.
static int open_handle(struct init *init) {
    int fd = make_instance();
    if (fd < 0) {
        fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (fd < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "/proc");
    }
    int ret = check_proc(init, fd);
    if (ret < 0) {
        close(fd);
        return ret;
    }
    init->proc = fd;
    return 0;
}

static int handle(struct init *init) {
    return init->proc >= 0 ? 0 : open_handle(init);
}

// Opens the handle while the present root is still the trusted one, when the plan needs it later.
int proc_prepare(struct init *init) {
    return plan_needs_proc(init) ? handle(init) : 0;
}

int proc_open(struct init *init, const char *path, int flags) {
    const uint64_t resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH;
    int ret = handle(init);
    if (ret < 0) {
        return ret;
    }
    int fd = sys_openat2(init->proc, path, (uint64_t)flags, resolve);
    return fd < 0 ? init_fail(init, SYNC_CALL_OPENAT2, errno, path) : fd;
}

int proc_write(struct init *init, const char *path, const char *text) {
    AUTOCLOSE int fd = proc_open(init, path, O_WRONLY);
    if (fd < 0) {
        return fd;
    }
    size_t size = strlen(text);
    ssize_t written;
    do {
        written = write(fd, text, size);
    } while (written < 0 && errno == EINTR);
    if (written < 0) {
        return init_fail(init, SYNC_CALL_WRITE, errno, path);
    }
    return (size_t)written == size ? 0 : init_fail(init, SYNC_CALL_WRITE, EIO, path);
}

int proc_fds(struct init *init) {
    return proc_open(init, "thread-self/fd", O_PATH | O_DIRECTORY);
}
