// New file systems, by the mount API where the kernel names the option it dislikes, or by mount(2).

#include "init.h"

#include <string.h>

#include "syscalls.h"

// Longest option that is copied for fsconfig: the kernel itself refuses values from 256 bytes on.
#define OPTION_SIZE 512

// The kernel's own words about the last error, from the context's log: "e tmpfs: Bad value ...".
static void append_kernel_message(struct init *init, int context) {
    char line[SYNC_DETAIL_SIZE];
    char last[SYNC_DETAIL_SIZE] = "";
    for (;;) {
        ssize_t size = read(context, line, sizeof(line) - 1);
        if (size <= 2) {
            break;
        }
        line[size] = '\0';
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == 'e') {
            memcpy(last, line + 2, sizeof(last) - 2);
        }
    }
    if (last[0] != '\0') {
        init_detail(init, last);
    }
}

static int fail_option(struct init *init, int context, int err, const char *option) {
    int ret = init_fail(init, SYNC_CALL_FSCONFIG, err, option);
    append_kernel_message(init, context);
    return ret;
}

// "key=value" is a string, "key" a flag.
static int set_option(struct init *init, int context, const char *option) {
    char key[OPTION_SIZE];
    const char *value = strchr(option, '=');
    if (value == NULL) {
        return sys_fsconfig(context, FSCONFIG_SET_FLAG, option, NULL) < 0
            ? fail_option(init, context, errno, option)
            : 0;
    }
    size_t length = (size_t)(value - option);
    if (length >= sizeof(key)) {
        return init_fail(init, SYNC_CALL_FSCONFIG, ENAMETOOLONG, option);
    }
    memcpy(key, option, length);
    key[length] = '\0';
    return sys_fsconfig(context, FSCONFIG_SET_STRING, key, value + 1) < 0
        ? fail_option(init, context, errno, option)
        : 0;
}

// A tmpfs without "mode=" takes over the permissions of the directory that it covers.
static int set_mode(struct init *init, int context, int target) {
    char text[8];
    struct stat status;
    if (fstat(target, &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, "");
    }
    for (int i = 0; i < 4; i++) {
        text[i] = (char)('0' + (status.st_mode >> (9 - 3 * i) & 7));
    }
    text[4] = '\0';
    return sys_fsconfig(context, FSCONFIG_SET_STRING, "mode", text) < 0
        ? fail_option(init, context, errno, "mode")
        : 0;
}

static int configure(struct init *init, const struct plan_op *op, int context) {
    const char *source = plan_text(init, op->str[1]);
    if (source[0] != '\0' && sys_fsconfig(context, FSCONFIG_SET_STRING, "source", source) < 0) {
        return fail_option(init, context, errno, "source");
    }
    const char *option = plan_text(init, op->str[3]);
    for (uint64_t i = 0; i < op->num[2]; i++) {
        int ret = set_option(init, context, option);
        if (ret < 0) {
            return ret;
        }
        option += strlen(option) + 1;
    }
    return 0;
}

// Creates the file system and a detached mount of it.
static int make_mount(
    struct init *init, const struct plan_op *op, int existing, uint64_t attributes) {
    const char *type = plan_text(init, op->str[0]);
    AUTOCLOSE int context = sys_fsopen(type);
    if (context < 0) {
        return init_fail(init, SYNC_CALL_FSOPEN, errno, type);
    }
    int ret = existing < 0 ? 0 : set_mode(init, context, existing);
    if (ret == 0) {
        ret = configure(init, op, context);
    }
    if (ret < 0) {
        return ret;
    }
    if (sys_fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL) < 0) {
        return fail_option(init, context, errno, type);
    }
    int tree = sys_fsmount(context, (unsigned)attributes);
    if (tree < 0) {
        ret = init_fail(init, SYNC_CALL_FSMOUNT, errno, type);
        append_kernel_message(init, context);
    }
    return tree < 0 ? ret : tree;
}

// Opens the target when it exists already: its permissions or content are wanted.
static int open_existing(struct init *init, const struct plan_op *op) {
    if ((op->flags & (PLAN_EMPTY_TARGET_MODE | PLAN_COPYUP)) == 0) {
        return -1;
    }
    int fd = path_open(init, plan_text(init, op->str[2]), O_PATH | O_DIRECTORY, 0);
    return fd == -ENOENT ? -1 : fd;
}

// A read-only mount is made writable first when something has to be copied into it.
static int fill_and_attach(
    struct init *init, const struct plan_op *op, int tree, int target, int existing) {
    bool fill = existing >= 0 && (op->flags & PLAN_COPYUP) != 0;
    int ret = fill ? copy_tree(init, existing, tree) : 0;
    if (ret == 0 && (op->flags & PLAN_COPYUP) != 0) {
        ret = tree_setattr(init, tree, op->num[0] & MOUNT_ATTR_RDONLY, 0, false);
    }
    if (ret == 0) {
        ret = tree_attach(init, tree, target, plan_text(init, op->str[2]));
    }
    return ret < 0 ? ret : tree_propagation(init, tree, op->num[1]);
}

// File systems of which every new mount has a superblock of its own. The others may be the host's
// too: that of a disk, or of a namespace that is shared.
static bool is_always_new(const char *type) {
    static const char *const types[] = {"tmpfs", "ramfs", "proc", "devpts", "overlay"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

static int note_made(struct init *init, int fd, const char *type) {
    struct stat status;
    if (!is_always_new(type) || init->made_count == MADE_LIMIT) {
        return 0;
    }
    if (fstat(fd, &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, "");
    }
    init->made[init->made_count++] = status.st_dev;
    return 0;
}

// The kernel's way of saying that these namespaces may not have this file system.
static bool is_refusal(const struct plan_op *op, int ret) {
    return (op->flags & PLAN_REFUSABLE) != 0 && (ret == -EPERM || ret == -EBUSY);
}

int op_mount(struct init *init, const struct plan_op *op) {
    init->refused = false;
    AUTOCLOSE int existing = open_existing(init, op);
    if (existing < -1) {
        return existing;
    }
    AUTOCLOSE int target = tree_target(init, op, true);
    if (target < 0) {
        return target;
    }
    uint64_t attributes = op->num[0];
    if ((op->flags & PLAN_COPYUP) != 0) {
        attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
    }
    bool take_mode = (op->flags & PLAN_EMPTY_TARGET_MODE) != 0;
    AUTOCLOSE int tree = make_mount(init, op, take_mode ? existing : -1, attributes);
    if (is_refusal(op, tree)) {
        init->refused = true;
        return 0;
    }
    int ret = tree < 0 ? tree : note_made(init, tree, plan_text(init, op->str[0]));
    return ret < 0 ? ret : fill_and_attach(init, op, tree, target, existing);
}

// mount(2) needs a path. "N" below the descriptor directory of the private procfs is one that
// nobody else can change, for directories and files alike.
static int mount_on(
    struct init *init, const struct plan_op *op, int target, const char *type, uint64_t flags) {
    char name[NUMBER_SIZE];
    const char *source = plan_text(init, op->str[1]);
    const char *data = plan_text(init, op->str[3]);
    AUTOCLOSE int fds = proc_fds(init);
    if (fds < 0) {
        return fds;
    }
    number_text(name, (uint64_t)target);
    if (fchdir(fds) < 0) {
        return init_fail(init, SYNC_CALL_FCHDIR, errno, "");
    }
    int ret = sys_mount(source[0] == '\0' ? "none" : source, name, type[0] == '\0' ? NULL : type,
        flags, data[0] == '\0' ? NULL : data);
    ret = ret < 0 ? init_fail(init, SYNC_CALL_MOUNT, errno, plan_text(init, op->str[2])) : 0;
    if (fchdir(init->root) < 0 && ret == 0) {
        ret = init_fail(init, SYNC_CALL_FCHDIR, errno, "/");
    }
    return ret;
}

// A remount acts on what is there. A bind needs a target of its source's kind, anything else a
// directory.
static int open_legacy_target(struct init *init, const struct plan_op *op) {
    struct stat status = {.st_mode = S_IFDIR};
    if ((op->num[0] & MS_REMOUNT) != 0) {
        return path_open(init, plan_text(init, op->str[2]), O_PATH, 0);
    }
    if ((op->num[0] & MS_BIND) != 0 && stat(plan_text(init, op->str[1]), &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, plan_text(init, op->str[1]));
    }
    return tree_target(init, op, S_ISDIR(status.st_mode));
}

// A remount reaches every mount of the same file system, also the host's: of one that was not made
// here it changes this mount alone.
static int remount_flags(struct init *init, const struct plan_op *op, int target, uint64_t *flags) {
    struct stat status;
    *flags = op->num[0];
    if ((*flags & MS_REMOUNT) == 0 || (*flags & MS_BIND) != 0) {
        return 0;
    }
    if (fstat(target, &status) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, "");
    }
    for (int i = 0; i < init->made_count; i++) {
        if (init->made[i] == status.st_dev) {
            return 0;
        }
    }
    const uint64_t shared = MS_SYNCHRONOUS | MS_DIRSYNC | MS_MANDLOCK | MS_LAZYTIME | MS_I_VERSION;
    if ((*flags & shared) != 0 || plan_text(init, op->str[3])[0] != '\0') {
        return init_fail(init, SYNC_CALL_CHECK, EPERM,
            "not known as the container's own: the options would change for the host too");
    }
    *flags |= MS_BIND;
    return 0;
}

int op_mount_legacy(struct init *init, const struct plan_op *op) {
    const char *path = plan_text(init, op->str[2]);
    const char *type = plan_text(init, op->str[0]);
    AUTOCLOSE int target = open_legacy_target(init, op);
    if (target < 0) {
        return target;
    }
    uint64_t flags;
    int ret = remount_flags(init, op, target, &flags);
    if (ret == 0) {
        ret = mount_on(init, op, target, type, flags);
    }
    if (ret < 0) {
        return ret;
    }
    bool is_new = (flags & (MS_REMOUNT | MS_BIND)) == 0;
    if (op->num[1] == 0 && !is_new) {
        return 0;
    }
    // The new mount covers `target`; its own root is found by a new lookup.
    AUTOCLOSE int top = path_open(init, path, O_PATH, 0);
    if (top < 0) {
        return top;
    }
    ret = is_new ? note_made(init, top, type) : 0;
    return ret < 0 ? ret : tree_propagation(init, top, op->num[1]);
}

int op_setattr(struct init *init, const struct plan_op *op) {
    int flags = O_PATH | ((op->flags & PLAN_NOFOLLOW) != 0 ? O_NOFOLLOW : 0);
    AUTOCLOSE int target = path_open(init, plan_text(init, op->str[2]), flags, 0);
    if (target < 0) {
        return target;
    }
    bool recursive = (op->flags & PLAN_RECURSIVE) != 0;
    int ret = tree_setattr(init, target, op->num[0], op->num[1], recursive);
    if (ret == 0) {
        ret = tree_propagation(init, target, op->num[2]);
    }
    if (ret < 0) {
        init_detail(init, plan_text(init, op->str[2]));
    }
    return ret;
}

// By its name in the parent, one component that is no link: where a link leads is up to the
// container, which would like its masks to be taken away.
int op_unmount(struct init *init, const struct plan_op *op) {
    char name[NAME_MAX + 1];
    const char *path = plan_text(init, op->str[2]);
    AUTOCLOSE int parent = path_parent(init, path, false, name);
    int ret = parent < 0 ? parent : tree_outside_proc(init, parent, path);
    if (ret < 0) {
        return ret;
    }
    if (fchdir(parent) < 0) {
        return init_fail(init, SYNC_CALL_FCHDIR, errno, path);
    }
    ret = sys_umount2(name, MNT_DETACH | UMOUNT_NOFOLLOW) < 0
        ? init_fail(init, SYNC_CALL_UMOUNT2, errno, path)
        : 0;
    if (fchdir(init->root) < 0 && ret == 0) {
        return init_fail(init, SYNC_CALL_FCHDIR, errno, "/");
    }
    return ret;
}
