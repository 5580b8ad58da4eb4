// Mounts by descriptor: targets are opened once and everything after that acts on what was opened.

#include "init.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "syscalls.h"

// mount(2)'s propagation types as mount_setattr takes them.
#define PROPAGATION_TYPES (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

int tree_clone(struct init *init, int dir, const char *path, unsigned flags) {
    int tree = sys_open_tree(dir, path, flags | OPEN_TREE_CLONE);
    return tree < 0 ? init_fail(init, SYNC_CALL_OPEN_TREE, errno, path) : tree;
}

int tree_attach(struct init *init, int tree, int target, const char *detail) {
    if (sys_move_mount(tree, target) < 0) {
        return init_fail(init, SYNC_CALL_MOVE_MOUNT, errno, detail);
    }
    return 0;
}

// Flags that the kernel has locked for a less privileged user namespace stay set as long as
// nobody clears them; only the access time mode has to be replaced as a whole, so an EPERM there is
// answered by leaving the source's mode alone. A locked flag that the config clears is an error.
int tree_setattr(struct init *init, int fd, uint64_t set, uint64_t clear, bool recursive) {
    struct mount_attr attributes = {.attr_set = set, .attr_clr = clear};
    unsigned flags = recursive ? AT_RECURSIVE : 0;
    if ((set | clear) == 0) {
        return 0;
    }
    int ret = sys_mount_setattr(fd, flags, &attributes);
    if (ret < 0 && errno == EPERM && (clear & MOUNT_ATTR__ATIME) != 0) {
        const uint64_t times = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
        attributes.attr_set = set & ~times;
        attributes.attr_clr = clear & ~times;
        ret = sys_mount_setattr(fd, flags, &attributes);
    }
    return ret < 0 ? init_fail(init, SYNC_CALL_MOUNT_SETATTR, errno, NULL) : 0;
}

int tree_propagation(struct init *init, int fd, uint64_t flags) {
    struct mount_attr attributes = {.propagation = flags & PROPAGATION_TYPES};
    if (attributes.propagation == 0) {
        return 0;
    }
    unsigned recursive = (flags & MS_REC) != 0 ? AT_RECURSIVE : 0;
    if (sys_mount_setattr(fd, recursive, &attributes) < 0) {
        return init_fail(init, SYNC_CALL_MOUNT_SETATTR, errno, "propagation");
    }
    return 0;
}

static bool same_place(const struct place *a, const struct place *b) {
    return a->mount == b->mount && a->inode == b->inode && a->major == b->major
        && a->minor == b->minor;
}

static bool is_below_proc(const char *path) {
    path += strspn(path, "/");
    return strncmp(path, "proc", 4) == 0 && (path[4] == '/' || path[4] == '\0');
}

// The config was checked for mounts below /proc by their names. A link of the image that leads
// there would show a /proc that is not the kernel's all the same (CVE-2019-16884).
int tree_outside_proc(struct init *init, int fd, const char *path) {
    struct statfs filesystem;
    struct place place;
    struct place proc;
    if (fstatfs(fd, &filesystem) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, path);
    }
    if (filesystem.f_type != PROC_SUPER_MAGIC || is_below_proc(path)) {
        return 0;
    }
    AUTOCLOSE int own = path_open(init, "proc", O_PATH, 0);
    int ret = own < 0 ? own : path_place(init, own, &proc);
    if (ret == 0) {
        ret = path_place(init, fd, &place);
    }
    if (ret < 0) {
        return ret == -ENOENT ? 0 : ret;
    }
    return place.major == proc.major && place.minor == proc.minor
        ? init_fail(init, SYNC_CALL_CHECK, EPERM, "a symbolic link leads the target below /proc")
        : 0;
}

static int check_target(struct init *init, int target, const char *path, bool directory) {
    struct place place;
    int ret = path_place(init, target, &place);
    if (ret < 0) {
        return ret;
    }
    if (same_place(&place, &init->root_place)) {
        return init_fail(init, SYNC_CALL_CHECK, EINVAL, "the target is the root itself");
    }
    if (S_ISLNK(place.mode)) {
        return init_fail(init, SYNC_CALL_CHECK, ELOOP, path);
    }
    return S_ISDIR(place.mode) == directory ? tree_outside_proc(init, target, path)
                                            : init_fail(init, SYNC_CALL_CHECK, ENOTDIR, path);
}

// For proc and sysfs no component may be a symlink: a mount there decides over what later writes
// under /proc reach (CVE-2019-19921, CVE-2023-27561). For a bind it is the last one that counts.
int tree_target(struct init *init, const struct plan_op *op, bool directory) {
    bool strict = (op->flags & PLAN_NOFOLLOW) != 0;
    const struct path_options options = {
        .leaf = directory ? S_IFDIR | 0755 : S_IFREG | 0644,
        .parents = 0755,
        .flags = strict ? O_NOFOLLOW : 0,
        .resolve = strict && op->kind == PLAN_OP_MOUNT ? RESOLVE_NO_SYMLINKS : 0,
    };
    const char *path = plan_text(init, op->str[2]);
    int target = path_make(init, path, &options);
    if (target < 0) {
        return target;
    }
    int ret = check_target(init, target, path, directory);
    if (ret < 0) {
        close(target);
        return ret;
    }
    return target;
}
