// Protection: covered and read-only paths, labels and no_new_privs.

#include "init.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/xattr.h>

#include "syscalls.h"

// Opens a path to be protected. The root itself cannot be covered by a mount on itself.
static int open_protected(struct init *init, const struct plan_op *op, struct place *place) {
    const char *path = plan_text(init, op->str[2]);
    int fd = path_open(init, path, O_PATH, 0);
    int ret = fd < 0 ? fd : path_place(init, fd, place);
    if (ret >= 0 && place->inode == init->root_place.inode && place->mount == init->root_place.mount
        && place->major == init->root_place.major && place->minor == init->root_place.minor) {
        ret = init_fail(init, SYNC_CALL_CHECK, EINVAL, "the path is the root itself");
    }
    if (ret < 0 && fd >= 0) {
        close(fd);
        return ret;
    }
    return fd;
}

int op_readonly_path(struct init *init, const struct plan_op *op) {
    struct place place;
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int target = open_protected(init, op, &place);
    if (target < 0) {
        return target;
    }
    AUTOCLOSE int tree = tree_clone(init, target, "", AT_EMPTY_PATH | AT_RECURSIVE);
    int ret = tree < 0 ? tree : tree_setattr(init, tree, MOUNT_ATTR_RDONLY, 0, true);
    if (ret < 0) {
        init_detail(init, path);
        return ret;
    }
    return tree_attach(init, tree, target, path);
}

// A read-only file system with room for nothing but its root directory.
static int make_mask(struct init *init, const char *label) {
    AUTOCLOSE int context = sys_fsopen("tmpfs");
    if (context < 0) {
        return init_fail(init, SYNC_CALL_FSOPEN, errno, "tmpfs");
    }
    if (sys_fsconfig(context, FSCONFIG_SET_STRING, "mode", "0555") < 0
        || sys_fsconfig(context, FSCONFIG_SET_STRING, "nr_blocks", "1") < 0
        || sys_fsconfig(context, FSCONFIG_SET_STRING, "nr_inodes", "1") < 0
        || (label[0] != '\0' && sys_fsconfig(context, FSCONFIG_SET_STRING, "context", label) < 0)
        || sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL) < 0) {
        return init_fail(init, SYNC_CALL_FSCONFIG, errno, "tmpfs");
    }
    int tree = sys_fsmount(
        context, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    return tree < 0 ? init_fail(init, SYNC_CALL_FSMOUNT, errno, "tmpfs") : tree;
}

// All covered directories share one tmpfs. Its first mount is attached itself, the others are
// clones of it: a mount outside of the namespace cannot be cloned.
static int mask_directory(struct init *init, const struct plan_op *op, int target) {
    const char *path = plan_text(init, op->str[2]);
    if (init->mask >= 0) {
        AUTOCLOSE int tree = tree_clone(init, init->mask, "", AT_EMPTY_PATH);
        return tree < 0 ? tree : tree_attach(init, tree, target, path);
    }
    int tree = make_mask(init, plan_text(init, op->str[0]));
    if (tree < 0) {
        return tree;
    }
    int ret = tree_attach(init, tree, target, path);
    if (ret < 0) {
        close(tree);
        return ret;
    }
    init->mask = tree;
    return 0;
}

int op_mask_path(struct init *init, const struct plan_op *op) {
    struct place place;
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int target = open_protected(init, op, &place);
    if (target < 0) {
        return target;
    }
    if (S_ISDIR(place.mode)) {
        return mask_directory(init, op, target);
    }
    int ret = null_open(init);
    if (ret < 0) {
        return ret;
    }
    AUTOCLOSE int tree = tree_clone(init, init->null, "", AT_EMPTY_PATH);
    return tree < 0 ? tree : tree_attach(init, tree, target, path);
}

int op_relabel(struct init *init, const struct plan_op *op) {
    const char *path = plan_text(init, op->str[2]);
    const char *label = plan_text(init, op->str[0]);
    AUTOCLOSE int target = path_open(init, path, O_RDONLY | O_DIRECTORY, 0);
    if (target < 0) {
        return target;
    }
    if (fsetxattr(target, "security.selinux", label, strlen(label) + 1, 0) < 0) {
        return init_fail(init, SYNC_CALL_WRITE, errno, "security.selinux");
    }
    return 0;
}

int op_label(struct init *init, const struct plan_op *op) {
    static const char prefix[] = "thread-self/attr/";
    char path[PATH_MAX + sizeof(prefix)];
    const char *name = plan_text(init, op->str[0]);
    memcpy(path, prefix, sizeof(prefix));
    memcpy(path + sizeof(prefix) - 1, name, strlen(name) + 1);
    return proc_write(init, path, plan_text(init, op->str[1]));
}

int op_no_new_privs(struct init *init, const struct plan_op *op) {
    (void)op;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        return init_fail(init, SYNC_CALL_PRCTL, errno, "PR_SET_NO_NEW_PRIVS");
    }
    return 0;
}
