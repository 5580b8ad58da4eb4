// The container's root: where it is attached and how it becomes "/".

#include "init.h"

#include "syscalls.h"

int op_propagation(struct init *init, const struct plan_op *op) {
    AUTOCLOSE int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "/");
    }
    int ret = tree_propagation(init, fd, op->num[0]);
    if (ret == 0) {
        init->root_is_shared = (op->num[0] & MS_SHARED) != 0;
    }
    return ret;
}

// pivot_root and MS_MOVE refuse a root whose parent mount is shared, and the attached root would
// spread to the host. The parent mount is found by walking up until the mount's own root.
static int make_parent_private(struct init *init, int fd) {
    int at = openat(fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0) {
        struct statx status;
        if (statx(at, "", AT_EMPTY_PATH, STATX_TYPE, &status) < 0
            || (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) {
            break;
        }
        int above = openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
        close(at);
        at = above;
    }
    if (at < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "..");
    }
    int ret = tree_propagation(init, at, MS_PRIVATE);
    close(at);
    return ret;
}

static int take_root(struct init *init, int fd) {
    if (init->root >= 0) {
        close(init->root);
    }
    init->root = fd;
    int ret = path_place(init, fd, &init->root_place);
    if (ret == 0 && fchdir(fd) < 0) {
        ret = init_fail(init, SYNC_CALL_FCHDIR, errno, "");
    }
    return ret;
}

static int attach_root(struct init *init, const struct plan_op *op, int at) {
    int tree = plan_fd(init, op);
    if (tree < 0) {
        unsigned flags = (op->flags & PLAN_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
        tree = tree_clone(init, at, "", flags | AT_EMPTY_PATH);
        if (tree < 0) {
            return tree;
        }
    }
    // Cloned from a shared mount, the tree is a peer of the host's: nothing that is mounted in
    // the container may appear there.
    uint64_t propagation = op->num[0] == 0 ? MS_SLAVE | MS_REC : op->num[0];
    int ret = tree_propagation(init, tree, propagation);
    if (ret == 0) {
        ret = tree_attach(init, tree, at, plan_text(init, op->str[0]));
    }
    return ret < 0 ? ret : take_root(init, tree);
}

// Root of a user namespace may have no way to the root's path on the host. A tree that the parent
// has opened then lies over "/", which serves everything but hooks that look for the path.
static int open_attach_point(const char *path, bool has_tree) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 && errno == EACCES && has_tree) {
        fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    }
    return fd;
}

int op_rootfs(struct init *init, const struct plan_op *op) {
    const char *path = plan_text(init, op->str[0]);
    AUTOCLOSE int at = open_attach_point(path, plan_fd(init, op) >= 0);
    if (at < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, path);
    }
    int ret = init->root_is_shared ? make_parent_private(init, at) : 0;
    return ret < 0 ? ret : attach_root(init, op, at);
}

// Reopens "/" after the root has changed and checks that it is what the mounts were made in.
static int confirm_root(struct init *init) {
    struct place before = init->root_place;
    if (chdir("/") < 0) {
        return init_fail(init, SYNC_CALL_CHDIR, errno, "/");
    }
    close(init->root);
    init->root = -1;
    int ret = path_root(init);
    if (ret < 0) {
        return ret;
    }
    const struct place *now = &init->root_place;
    if (before.inode != now->inode || before.major != now->major || before.minor != now->minor
        || before.mount != now->mount) {
        return init_fail(init, SYNC_CALL_CHECK, EINVAL, "/ is not the container's root");
    }
    return 0;
}

int op_pivot(struct init *init, const struct plan_op *op) {
    (void)op;
    int ret = path_root(init);
    if (ret == 0) {
        ret = proc_prepare(init);
    }
    if (ret < 0) {
        return ret;
    }
    AUTOCLOSE int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (old < 0 || fchdir(init->root) < 0) {
        return init_fail(init, SYNC_CALL_FCHDIR, errno, "/");
    }
    if (sys_pivot_root(".", ".") < 0) {
        return init_fail(init, SYNC_CALL_PIVOT_ROOT, errno, "");
    }
    // The old root now covers the new one. It must not be shared when it goes, or it would be
    // unmounted on the host as well.
    ret = tree_propagation(init, old, MS_SLAVE | MS_REC);
    if (ret < 0) {
        return ret;
    }
    if (fchdir(old) < 0) {
        return init_fail(init, SYNC_CALL_FCHDIR, errno, "");
    }
    if (sys_umount2(".", MNT_DETACH) < 0) {
        return init_fail(init, SYNC_CALL_UMOUNT2, errno, "/");
    }
    return confirm_root(init);
}

int op_move_root(struct init *init, const struct plan_op *op) {
    (void)op;
    int ret = path_root(init);
    if (ret == 0) {
        ret = proc_prepare(init);
    }
    if (ret == 0) {
        ret = cover_host_mounts(init);
    }
    if (ret < 0) {
        return ret;
    }
    AUTOCLOSE int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (old < 0 || fchdir(init->root) < 0) {
        return init_fail(init, SYNC_CALL_FCHDIR, errno, "/");
    }
    ret = tree_attach(init, init->root, old, "/");
    if (ret < 0) {
        return ret;
    }
    if (chroot(".") < 0) {
        return init_fail(init, SYNC_CALL_CHROOT, errno, "");
    }
    return confirm_root(init);
}

// In a mount namespace that belongs to others nothing is mounted, and a pivot would take the root
// away from its processes. What the path means there is up to their files, so it is looked up
// without magic links: one of them could lead to a descriptor of this process.
int op_chroot(struct init *init, const struct plan_op *op) {
    const char *path = plan_text(init, op->str[2]);
    int passed = plan_fd(init, op);
    int fd = passed >= 0 ? passed : path_open(init, path, O_PATH | O_DIRECTORY, 0);
    if (fd < 0) {
        return fd;
    }
    int ret = fchdir(fd) < 0 ? init_fail(init, SYNC_CALL_FCHDIR, errno, path) : 0;
    if (ret == 0 && chroot(".") < 0) {
        ret = init_fail(init, SYNC_CALL_CHROOT, errno, path);
    }
    if (passed < 0) {
        close(fd);
    }
    if (ret == 0 && init->root >= 0) {
        close(init->root);
        init->root = -1;
    }
    return ret < 0 ? ret : path_root(init);
}
