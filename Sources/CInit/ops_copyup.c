// tmpcopyup: the content of a directory, copied into the file system that is about to cover it.
//
// The source belongs to the image. Entries are looked at and opened without following symlinks, and
// what was opened is checked again, so the worst an image can do is to make this fail.

#include "init.h"

#include <dirent.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>

#include "syscalls.h"

#define COPY_DEPTH 64

// Each level holds two descriptors and one buffer of entries.
struct level {
    int from;
    int to;
    int depth;
};

// As the kernel fills it; libc has no getdents64 of this name everywhere.
struct entry {
    uint64_t inode;
    int64_t offset;
    uint16_t size;
    uint8_t type;
    char name[];
};

static int copy_directory(struct init *init, const struct level *level);

// An owner that the user namespace does not map (EINVAL) cannot be given: root keeps the copy.
static int copy_owner(
    struct init *init, int directory, const char *name, int flags, const struct stat *status) {
    if (fchownat(directory, name, status->st_uid, status->st_gid, flags) < 0 && errno != EINVAL) {
        return init_fail(init, SYNC_CALL_FCHOWN, errno, name);
    }
    return 0;
}

// Owner before permissions: chown clears the set-id bits.
static int copy_attributes(struct init *init, int to, const struct stat *status, const char *name) {
    const struct timespec times[2] = {status->st_atim, status->st_mtim};
    int ret = copy_owner(init, to, "", AT_EMPTY_PATH, status);
    if (ret < 0) {
        return ret;
    }
    if (fchmod(to, status->st_mode & 07777) < 0 || futimens(to, times) < 0) {
        return init_fail(init, SYNC_CALL_FCHMOD, errno, name);
    }
    return 0;
}

static int copy_data(struct init *init, int from, int to, const char *name) {
    for (;;) {
        ssize_t size = sendfile(to, from, NULL, 1u << 20);
        if (size == 0) {
            return 0;
        }
        if (size < 0 && errno != EINTR) {
            return init_fail(init, SYNC_CALL_COPY, errno, name);
        }
    }
}

static int copy_file(struct init *init, const struct level *level, const char *name) {
    struct stat status;
    AUTOCLOSE int from =
        openat(level->from, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (from < 0 || fstat(from, &status) < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, name);
    }
    if (!S_ISREG(status.st_mode)) {
        return init_fail(init, SYNC_CALL_CHECK, EAGAIN, name);
    }
    AUTOCLOSE int to =
        openat(level->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (to < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, name);
    }
    int ret = copy_data(init, from, to, name);
    return ret < 0 ? ret : copy_attributes(init, to, &status, name);
}

static int copy_link(
    struct init *init, const struct level *level, const char *name, const struct stat *status) {
    const struct timespec times[2] = {status->st_atim, status->st_mtim};
    char text[PATH_MAX];
    ssize_t size = readlinkat(level->from, name, text, sizeof(text) - 1);
    if (size < 0) {
        return init_fail(init, SYNC_CALL_READLINKAT, errno, name);
    }
    text[size] = '\0';
    if (symlinkat(text, level->to, name) < 0) {
        return init_fail(init, SYNC_CALL_SYMLINKAT, errno, name);
    }
    if (utimensat(level->to, name, times, AT_SYMLINK_NOFOLLOW) < 0) {
        return init_fail(init, SYNC_CALL_FCHMOD, errno, name);
    }
    return copy_owner(init, level->to, name, AT_SYMLINK_NOFOLLOW, status);
}

// Devices, fifos and sockets. The new tree is not reachable yet, so names mean what was made.
static int copy_node(
    struct init *init, const struct level *level, const char *name, const struct stat *status) {
    const struct timespec times[2] = {status->st_atim, status->st_mtim};
    if (mknodat(level->to, name, status->st_mode, status->st_rdev) < 0) {
        return init_fail(init, SYNC_CALL_MKNODAT, errno, name);
    }
    int ret = copy_owner(init, level->to, name, AT_SYMLINK_NOFOLLOW, status);
    if (ret == 0
        && (fchmodat(level->to, name, status->st_mode & 07777, 0) < 0
            || utimensat(level->to, name, times, AT_SYMLINK_NOFOLLOW) < 0)) {
        return init_fail(init, SYNC_CALL_FCHMOD, errno, name);
    }
    return ret;
}

static int copy_subdirectory(
    struct init *init, const struct level *level, const char *name, const struct stat *status) {
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (level->depth >= COPY_DEPTH) {
        return init_fail(init, SYNC_CALL_GETDENTS, ELOOP, name);
    }
    if (mkdirat(level->to, name, 0700) < 0) {
        return init_fail(init, SYNC_CALL_MKDIRAT, errno, name);
    }
    AUTOCLOSE int from = openat(level->from, name, flags);
    AUTOCLOSE int to = openat(level->to, name, flags);
    if (from < 0 || to < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, name);
    }
    const struct level below = {.from = from, .to = to, .depth = level->depth + 1};
    int ret = copy_directory(init, &below);
    return ret < 0 ? ret : copy_attributes(init, to, status, name);
}

static int copy_entry(struct init *init, const struct level *level, const char *name) {
    struct stat status;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
        return 0;
    }
    if (fstatat(level->from, name, &status, AT_SYMLINK_NOFOLLOW) < 0) {
        return init_fail(init, SYNC_CALL_FSTAT, errno, name);
    }
    switch (status.st_mode & S_IFMT) {
    case S_IFDIR: return copy_subdirectory(init, level, name, &status);
    case S_IFREG: return copy_file(init, level, name);
    case S_IFLNK: return copy_link(init, level, name, &status);
    default: return copy_node(init, level, name, &status);
    }
}

static int copy_directory(struct init *init, const struct level *level) {
    _Alignas(struct entry) char buffer[4096];
    for (;;) {
        long size = syscall(SYS_getdents64, level->from, buffer, sizeof(buffer));
        if (size <= 0) {
            return size == 0 ? 0 : init_fail(init, SYNC_CALL_GETDENTS, errno, "");
        }
        for (long at = 0; at < size;) {
            const struct entry *entry = (const struct entry *)(buffer + at);
            int ret = copy_entry(init, level, entry->name);
            if (ret < 0) {
                return ret;
            }
            at += entry->size;
        }
    }
}

int copy_tree(struct init *init, int from, int to) {
    AUTOCLOSE int source = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    AUTOCLOSE int target = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (source < 0 || target < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, ".");
    }
    const struct level top = {.from = source, .to = target, .depth = 0};
    return copy_directory(init, &top);
}
