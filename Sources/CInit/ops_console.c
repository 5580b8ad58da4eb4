// The terminal and the standard descriptors.
//
// Everything below /dev belongs to the image or to who mounted over it. The pty therefore comes
// from a directory that is verified to be a devpts, the slave from its master and not from a name,
// and the console file is opened without following a symlink (CVE-2025-52565, CVE-2026-88264,
// CVE-2026-88265).

#include "init.h"

#include <asm/termbits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "syscalls.h"

// <sys/ioctl.h> and <asm/termbits.h> disagree about struct winsize on some releases; this is the
// kernel's.
struct window {
    unsigned short rows;
    unsigned short columns;
    unsigned short width;
    unsigned short height;
};

static int fail_ioctl(struct init *init, const char *name) {
    return init_fail(init, SYNC_CALL_IOCTL, errno, name);
}

// Only devpts creates what is in a devpts, and no mount may cover the entry.
static int open_master(struct init *init) {
    const uint64_t resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH;
    struct statfs filesystem;
    struct stat status;
    AUTOCLOSE int directory = path_open(init, "dev/pts", O_PATH | O_DIRECTORY, 0);
    if (directory < 0) {
        return directory;
    }
    if (fstatfs(directory, &filesystem) < 0 || filesystem.f_type != DEVPTS_SUPER_MAGIC) {
        return init_fail(init, SYNC_CALL_CHECK, ENODEV, "/dev/pts is not devpts");
    }
    int master = sys_openat2(directory, "ptmx", O_RDWR | O_NOCTTY, resolve);
    if (master < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "/dev/pts/ptmx");
    }
    if (fstat(master, &status) < 0 || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(5, 2)) {
        close(master);
        return init_fail(init, SYNC_CALL_CHECK, ENODEV, "/dev/pts/ptmx is not ptmx");
    }
    return master;
}

// Where the output is copied to another terminal, that one makes "\r\n" of a newline. The receiver of
// a console socket expects a terminal that does so itself, and may change it.
static int keep_newlines(struct init *init, int master) {
    struct termios settings;
    if (ioctl(master, TCGETS, &settings) < 0) {
        return fail_ioctl(init, "TCGETS");
    }
    settings.c_oflag &= ~(tcflag_t)ONLCR;
    return ioctl(master, TCSETS, &settings) < 0 ? fail_ioctl(init, "TCSETS") : 0;
}

static int configure_master(struct init *init, const struct plan_op *op, int master) {
    struct window window = {
        .rows = (unsigned short)(op->num[0] >> 32), .columns = (unsigned short)op->num[0]};
    int unlocked = 0;
    if (ioctl(master, TIOCSPTLCK, &unlocked) < 0) {
        return fail_ioctl(init, "TIOCSPTLCK");
    }
    if (op->num[0] != 0 && ioctl(master, TIOCSWINSZ, &window) < 0) {
        return fail_ioctl(init, "TIOCSWINSZ");
    }
    return op->num[2] == 0 ? 0 : keep_newlines(init, master);
}

static int open_slave(struct init *init, const struct plan_op *op, int master) {
    int slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0) {
        return fail_ioctl(init, "TIOCGPTPEER");
    }
    if (fchown(slave, (uid_t)op->num[1], (gid_t)-1) < 0) {
        int ret = init_fail(init, SYNC_CALL_FCHOWN, errno, "console");
        close(slave);
        return ret;
    }
    return slave;
}

// /dev/console is made in the directory itself and opened there without following: an image's
// symlink would otherwise create a file, or cover one, wherever it points to.
static int bind_console(struct init *init, int slave) {
    char name[NAME_MAX + 1];
    struct stat status;
    AUTOCLOSE int parent = path_parent(init, "dev/console", true, name);
    if (parent < 0) {
        return parent;
    }
    if (mknodat(parent, name, S_IFREG | 0666, 0) < 0 && errno != EEXIST) {
        return init_fail(init, SYNC_CALL_MKNODAT, errno, "/dev/console");
    }
    AUTOCLOSE int target = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (target < 0 || fstat(target, &status) < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "/dev/console");
    }
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode)) {
        return init_fail(
            init, SYNC_CALL_CHECK, S_ISLNK(status.st_mode) ? ELOOP : EINVAL, "/dev/console");
    }
    AUTOCLOSE int tree = tree_clone(init, slave, "", AT_EMPTY_PATH);
    return tree < 0 ? tree : tree_attach(init, tree, target, "/dev/console");
}

static int become_stdio(struct init *init, int slave) {
    if (ioctl(slave, TIOCSCTTY, 0) < 0) {
        return fail_ioctl(init, "TIOCSCTTY");
    }
    for (int fd = 0; fd < 3; fd++) {
        if (dup3(slave, fd, 0) < 0) {
            return init_fail(init, SYNC_CALL_DUP3, errno, "");
        }
    }
    return 0;
}

int op_console(struct init *init, const struct plan_op *op) {
    AUTOCLOSE int master = open_master(init);
    if (master < 0) {
        return master;
    }
    int ret = configure_master(init, op, master);
    if (ret < 0) {
        return ret;
    }
    AUTOCLOSE int slave = open_slave(init, op, master);
    ret = slave < 0 ? slave : 0;
    if (ret == 0 && (op->flags & PLAN_CONSOLE_BIND) != 0) {
        ret = bind_console(init, slave);
    }
    if (ret == 0) {
        ret = sync_send(init, SYNC_FD, SYNC_CONSOLE, master);
    }
    return ret < 0 ? ret : become_stdio(init, slave);
}

// Opens the container's null device for use. What was opened is checked, not what was looked up;
// O_NONBLOCK keeps a fifo that an image puts there from blocking the open.
static int open_null(struct init *init) {
    struct stat status;
    AUTOCLOSE int parent = path_open(init, "dev", O_PATH | O_DIRECTORY, 0);
    if (parent < 0) {
        return parent;
    }
    int fd = openat(parent, "null", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "/dev/null");
    }
    if (fstat(fd, &status) < 0 || !null_is(&status) || fcntl(fd, F_SETFL, 0) < 0) {
        close(fd);
        return init_fail(init, SYNC_CALL_CHECK, ENODEV, "/dev/null is not the null device");
    }
    return fd;
}

// The caller's /dev/null keeps a mount of the host reachable for the program.
int op_stdio_null(struct init *init, const struct plan_op *op) {
    AUTOCLOSE int null = -1;
    (void)op;
    for (int fd = 0; fd < 3; fd++) {
        struct stat status;
        if (fstat(fd, &status) < 0 || !null_is(&status)) {
            continue;
        }
        if (null < 0) {
            int ret = null_open(init);
            null = ret < 0 ? ret : open_null(init);
        }
        if (null < 0) {
            return null;
        }
        if (dup3(null, fd, 0) < 0) {
            return init_fail(init, SYNC_CALL_DUP3, errno, "");
        }
    }
    return 0;
}

// Descriptors whose owner cannot be expressed here, or on a read-only file system, stay as they
// are: the program may then not reopen them by name, but it can use them.
int op_stdio_owner(struct init *init, const struct plan_op *op) {
    uid_t uid = (uid_t)op->num[0];
    for (int fd = 0; fd < 3; fd++) {
        struct stat status;
        if (fstat(fd, &status) < 0 || null_is(&status) || status.st_uid == uid) {
            continue;
        }
        if (fchown(fd, uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM && errno != EROFS) {
            return init_fail(init, SYNC_CALL_FCHOWN, errno, "stdio");
        }
    }
    return 0;
}

// CLOEXEC alone is not enough: a descriptor of a host directory that is still open here makes
// /proc/self/fd/N a way out for whoever can name it before exec (CVE-2024-21626). Only the
// reporting channel stays, and that one is CLOEXEC.
int op_close_fds(struct init *init, const struct plan_op *op) {
    (void)op;
    unsigned next = 3 + init->header->payload_fds;
    int channel = init->sync >= 0 ? init->sync : init->fifo;
    if (channel >= (int)next) {
        if (channel > (int)next && sys_close_range(next, (unsigned)channel - 1, 0) < 0) {
            return init_fail(init, SYNC_CALL_CLOSE_RANGE, errno, "");
        }
        next = (unsigned)channel + 1;
    }
    if (sys_close_range(next, ~0U, 0) < 0) {
        return init_fail(init, SYNC_CALL_CLOSE_RANGE, errno, "");
    }
    init->fork_gate = init->root = init->proc = init->null = init->mask = -1;
    return 0;
}
