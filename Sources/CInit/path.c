// The only place that resolves a path below the container's root.
//
// The root's content belongs to the image and to whoever shares a volume with the container, so
// every lookup is one openat2 with RESOLVE_IN_ROOT: symlinks and ".." stay inside, magic links are
// refused, and what comes back is a descriptor. Creation never uses a path either, but a parent
// descriptor and one component (CVE-2024-45310, CVE-2026-41579).

#include "init.h"

#include <string.h>
#include <sys/sysmacros.h>

#include "syscalls.h"

// openat2 answers EAGAIN when something was renamed while ".." was resolved.
#define RACE_RETRIES 128

// Every step creates one component or expands one symlink.
#define MAKE_STEPS 512

int path_root(struct init *init) {
    if (init->root < 0) {
        init->root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (init->root < 0) {
            return init_fail(init, SYNC_CALL_OPENAT2, errno, "/");
        }
        return path_place(init, init->root, &init->root_place);
    }
    return 0;
}

int path_place(struct init *init, int fd, struct place *place) {
    struct statx status;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_INO | STATX_MNT_ID, &status)
        < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, "");
    }
    *place = (struct place){
        .mount = status.stx_mnt_id,
        .inode = status.stx_ino,
        .major = status.stx_dev_major,
        .minor = status.stx_dev_minor,
        .mode = status.stx_mode,
    };
    return 0;
}

// One lookup under the root; returns the descriptor or a negative errno without a report.
static int look_up(struct init *init, const char *path, int flags, uint64_t resolve) {
    int ret = path_root(init);
    if (ret < 0) {
        return ret;
    }
    resolve |= RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    for (int tries = 0; tries < RACE_RETRIES; tries++) {
        int fd = sys_openat2(init->root, path[0] == '\0' ? "." : path, (uint64_t)flags, resolve);
        if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) {
            return fd >= 0 ? fd : -errno;
        }
    }
    return -EAGAIN;
}

int path_open(struct init *init, const char *path, int flags, uint64_t resolve) {
    int fd = look_up(init, path, flags, resolve);
    return fd < 0 ? init_fail(init, SYNC_CALL_OPENAT2, -fd, path) : fd;
}

// Copies a path without trailing slashes. The root itself becomes the empty path.
static int copy_path(struct init *init, char to[PATH_MAX], const char *path) {
    size_t length = strlen(path);
    while (length > 0 && path[length - 1] == '/') {
        length--;
    }
    if (length >= PATH_MAX) {
        return init_fail(init, SYNC_CALL_OPENAT2, ENAMETOOLONG, NULL);
    }
    memcpy(to, path, length);
    to[length] = '\0';
    return 0;
}

// Replaces the component [name, end) of `path`, a symlink to a place that does not exist yet, by
// its text. The result is again resolved under the root, so it may say whatever it likes.
static int expand_link(
    struct init *init, int parent, char path[PATH_MAX], char *name, const char *end) {
    char text[PATH_MAX];
    char rest[PATH_MAX];
    char component[NAME_MAX + 1];
    size_t length = (size_t)(end - name);
    memcpy(component, name, length);
    component[length] = '\0';
    ssize_t size = readlinkat(parent, component, text, sizeof(text));
    if (size < 0) {
        // Not a symlink: somebody else created the component. The next step sees it.
        return errno == EINVAL || errno == ENOENT
            ? 0
            : init_fail(init, SYNC_CALL_READLINKAT, errno, path);
    }
    size_t rest_size = strlen(end) + 1;
    memcpy(rest, end, rest_size);
    char *at = size > 0 && text[0] == '/' ? path : name;
    if ((size_t)(at - path) + (size_t)size + rest_size > PATH_MAX) {
        return init_fail(init, SYNC_CALL_READLINKAT, ENAMETOOLONG, component);
    }
    memcpy(at, text, (size_t)size);
    memcpy(at + size, rest, rest_size);
    return 0;
}

// Creates the component [name, end) of `path` in `parent`; the rest of `path` follows at `end`.
static int make_component(struct init *init, int parent, char path[PATH_MAX], char *name, char *end,
    const struct path_options *options) {
    char component[NAME_MAX + 1];
    size_t length = (size_t)(end - name);
    if (length > NAME_MAX) {
        return init_fail(init, SYNC_CALL_MKDIRAT, ENAMETOOLONG, path);
    }
    memcpy(component, name, length);
    component[length] = '\0';
    bool is_leaf = *end == '\0';
    int call = SYNC_CALL_MKDIRAT;
    int ret;
    if (is_leaf && S_ISREG(options->leaf)) {
        call = SYNC_CALL_MKNODAT;
        ret = mknodat(parent, component, options->leaf, 0);
    } else {
        ret = mkdirat(parent, component, is_leaf ? options->leaf & 07777 : options->parents);
    }
    if (ret == 0) {
        return 0;
    }
    if (errno != EEXIST) {
        return init_fail(init, (uint16_t)call, errno, path);
    }
    if ((options->resolve & RESOLVE_NO_SYMLINKS) != 0) {
        return 0; // created by somebody else, or a symlink that the next lookup refuses
    }
    return expand_link(init, parent, path, name, end);
}

// Finds the first missing component of `path` and creates it, or expands it when it is a symlink
// into nowhere. Returns 0 when a step was made, also when another process was faster.
static int make_step(struct init *init, char path[PATH_MAX], const struct path_options *options) {
    AUTOCLOSE int parent = path_open(init, "", O_PATH | O_DIRECTORY, 0);
    char *end = path;
    while (parent >= 0) {
        char *name = end + strspn(end, "/");
        end = name + strcspn(name, "/");
        if (name == end) {
            return 0;
        }
        char kept = *end;
        *end = '\0';
        int fd = look_up(init, path, O_PATH | O_DIRECTORY, options->resolve);
        *end = kept;
        if (fd == -ENOENT) {
            return make_component(init, parent, path, name, end, options);
        }
        if (fd < 0) {
            return init_fail(init, SYNC_CALL_OPENAT2, -fd, path);
        }
        close(parent);
        parent = fd;
    }
    return parent;
}

int path_make(struct init *init, const char *path, const struct path_options *options) {
    char work[PATH_MAX];
    int ret = copy_path(init, work, path);
    for (int steps = 0; ret >= 0 && steps < MAKE_STEPS; steps++) {
        int fd = look_up(init, work, O_PATH | options->flags, options->resolve);
        if (fd >= 0) {
            return fd;
        }
        if (fd != -ENOENT) {
            return init_fail(init, SYNC_CALL_OPENAT2, -fd, path);
        }
        ret = make_step(init, work, options);
    }
    return ret < 0 ? ret : init_fail(init, SYNC_CALL_OPENAT2, ELOOP, path);
}

int path_parent(struct init *init, const char *path, bool create, char name[NAME_MAX + 1]) {
    const struct path_options directory = {.leaf = S_IFDIR | 0755, .parents = 0755};
    char work[PATH_MAX];
    int ret = copy_path(init, work, path);
    if (ret < 0) {
        return ret;
    }
    char *slash = strrchr(work, '/');
    const char *last = slash == NULL ? work : slash + 1;
    size_t length = strlen(last);
    if (length == 0 || length > NAME_MAX || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
        return init_fail(init, SYNC_CALL_CHECK, length > NAME_MAX ? ENAMETOOLONG : EINVAL, path);
    }
    memcpy(name, last, length + 1);
    work[slash == NULL ? 0 : slash - work] = '\0';
    if (create) {
        int fd = path_make(init, work, &directory);
        return fd;
    }
    return path_open(init, work, O_PATH | O_DIRECTORY, 0);
}
