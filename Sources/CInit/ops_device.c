// Nodes in the container's root: directories, symlinks, devices and the verified /dev/null.

#include "init.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "syscalls.h"

int op_mkdir(struct init *init, const struct plan_op *op) {
    mode_t mode = (mode_t)op->num[0];
    const struct path_options options = {.leaf = S_IFDIR | mode, .parents = mode};
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int fd = path_make(init, path, &options);
    struct stat status;
    if (fd < 0) {
        return fd;
    }
    if (fstat(fd, &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, path);
    }
    return S_ISDIR(status.st_mode) ? 0 : init_fail(init, SYNC_CALL_MKDIRAT, ENOTDIR, path);
}

int op_symlink(struct init *init, const struct plan_op *op) {
    char name[NAME_MAX + 1];
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int parent = path_parent(init, path, true, name);
    if (parent < 0) {
        return parent;
    }
    if (symlinkat(plan_text(init, op->str[0]), parent, name) < 0 && errno != EEXIST) {
        return init_fail(init, SYNC_CALL_SYMLINKAT, errno, path);
    }
    return 0;
}

int op_unlink(struct init *init, const struct plan_op *op) {
    char name[NAME_MAX + 1];
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int parent = path_parent(init, path, false, name);
    if (parent < 0) {
        return parent;
    }
    if (unlinkat(parent, name, 0) < 0) {
        return init_fail(init, SYNC_CALL_UNLINKAT, errno, path);
    }
    return 0;
}

static bool same_node(const struct stat *status, const struct plan_op *op) {
    mode_t type = (mode_t)op->num[0] & S_IFMT;
    bool has_number = type == S_IFCHR || type == S_IFBLK;
    return (status->st_mode & S_IFMT) == type
        && (!has_number || status->st_rdev == (dev_t)op->num[1]);
}

// What is there may be the host's own node (a bound /dev): it is left as it is when it is the same
// device and is an error otherwise, as the specification demands.
static int check_existing(
    struct init *init, const struct plan_op *op, int parent, const char *name) {
    struct stat status;
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, name);
    }
    return same_node(&status, op) ? 0 : init_fail(init, SYNC_CALL_MKNODAT, EEXIST, name);
}

// The owner is set on the node that was made, not on whatever the name means by then.
static int own_node(struct init *init, const struct plan_op *op, int parent, const char *name) {
    uid_t uid = (uid_t)(op->num[2] >> 32);
    gid_t gid = (gid_t)op->num[2];
    struct stat status;
    AUTOCLOSE int fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &status) < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, name);
    }
    if (!same_node(&status, op)) {
        return init_fail(init, SYNC_CALL_CHECK, EEXIST, name);
    }
    if (status.st_uid == uid && status.st_gid == gid) {
        return 0;
    }
    if (fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0) {
        return init_fail(init, SYNC_CALL_FCHOWN, errno, name);
    }
    return 0;
}

int op_mknod(struct init *init, const struct plan_op *op) {
    char name[NAME_MAX + 1];
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int parent = path_parent(init, path, true, name);
    if (parent < 0) {
        return parent;
    }
    if (mknodat(parent, name, (mode_t)op->num[0], (dev_t)op->num[1]) == 0) {
        return own_node(init, op, parent, name);
    }
    if (errno == EEXIST) {
        return check_existing(init, op, parent, name);
    }
    return init_fail(init, SYNC_CALL_MKNODAT, errno, path);
}

bool null_is(const struct stat *status) {
    return S_ISCHR(status->st_mode) && status->st_rdev == makedev(1, 3);
}

// The image decides what lies at /dev/null. Used without this check it would turn a masked path
// into a writable bind of any file (CVE-2025-31133). A missing one is never ENOENT, which an
// operation may be told to ignore.
int null_open(struct init *init) {
    struct stat status;
    if (init->null >= 0) {
        return 0;
    }
    AUTOCLOSE int parent = path_open(init, "dev", O_PATH | O_DIRECTORY, 0);
    if (parent < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, parent == -ENOENT ? ENODEV : -parent, "/dev");
    }
    int fd = openat(parent, "null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno == ENOENT ? ENODEV : errno, "/dev/null");
    }
    if (fstat(fd, &status) < 0 || !null_is(&status)) {
        close(fd);
        return init_fail(init, SYNC_CALL_CHECK, ENODEV, "/dev/null is not the null device");
    }
    init->null = fd;
    return 0;
}
