// Bind mounts: a tree of the host at a target of the container.

#include "init.h"

#include "syscalls.h"

// The tree: opened by the parent with attributes, id mapping and propagation already applied, or
// cloned here from a path of the host, whose mounts PROPAGATION has already cut off.
static int open_source(struct init *init, const struct plan_op *op) {
    int passed = plan_fd(init, op);
    if (passed >= 0) {
        return passed;
    }
    unsigned flags = (op->flags & PLAN_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
    if ((op->flags & PLAN_SOURCE_NOFOLLOW) != 0) {
        flags |= AT_SYMLINK_NOFOLLOW;
    }
    int tree = tree_clone(init, AT_FDCWD, plan_text(init, op->str[1]), flags);
    if (tree < 0) {
        return tree;
    }
    int ret = tree_setattr(init, tree, op->num[0], op->num[1], false);
    if (ret < 0) {
        init_detail(init, plan_text(init, op->str[1]));
        close(tree);
        return ret;
    }
    return tree;
}

int op_bind(struct init *init, const struct plan_op *op) {
    AUTOCLOSE int tree = open_source(init, op);
    if (tree < 0) {
        return tree;
    }
    struct stat status;
    if (fstat(tree, &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, "");
    }
    AUTOCLOSE int target = tree_target(init, op, S_ISDIR(status.st_mode));
    if (target < 0) {
        return target;
    }
    int ret = tree_attach(init, tree, target, plan_text(init, op->str[2]));
    return ret < 0 ? ret : tree_propagation(init, tree, op->num[2]);
}
