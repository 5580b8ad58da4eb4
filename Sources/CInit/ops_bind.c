// Bind mounts: a tree of the host at a target of the container.

#include "init.h"

#include "syscalls.h"

// What lies in the container's root may hold links of the image or of a volume: it is looked up there.
static int clone_source(struct init *init, const struct plan_op *op) {
    unsigned flags = (op->flags & PLAN_RECURSIVE) != 0 ? AT_RECURSIVE : 0;
    const char *source = plan_text(init, op->str[1]);
    if ((op->flags & PLAN_SOURCE_IN_ROOT) == 0) {
        return tree_clone(init, AT_FDCWD, source, flags);
    }
    AUTOCLOSE int place = path_open(init, source, O_PATH, 0);
    return place < 0 ? place : tree_clone(init, place, "", flags | AT_EMPTY_PATH);
}

// The tree: opened by the parent with attributes, id mapping and propagation already applied, or
// cloned here from a path of the host, whose mounts PROPAGATION has already cut off.
static int open_source(struct init *init, const struct plan_op *op) {
    int passed = plan_fd(init, op);
    if (passed >= 0) {
        return passed;
    }
    int tree = clone_source(init, op);
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
