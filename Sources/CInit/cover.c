// For --no-pivot: the host's procfs and sysfs mounts stay below the moved root, where a process
// with the right capability could dig them out. They are unmounted or covered first.

#include "init.h"

#include <string.h>
#include <sys/mman.h>

#include "syscalls.h"

#define TABLE_LIMIT (8u << 20)

// Reads this thread's mount table whole: the loop over it changes what it lists.
static ssize_t read_table(struct init *init, char *table, size_t size) {
    AUTOCLOSE int fd = proc_open(init, "thread-self/mountinfo", O_RDONLY);
    size_t used = 0;
    while (fd >= 0 && used < size - 1) {
        ssize_t got = read(fd, table + used, size - 1 - used);
        if (got < 0 && errno != EINTR) {
            return init_fail(init, SYNC_CALL_READ, errno, "mountinfo");
        }
        if (got == 0) {
            table[used] = '\0';
            return (ssize_t)used;
        }
        used += got > 0 ? (size_t)got : 0;
    }
    return fd < 0 ? fd : init_fail(init, SYNC_CALL_READ, EFBIG, "mountinfo");
}

// The kernel writes space, tab, newline and backslash as three octal digits.
static void unescape(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] != '\0'
            && from[3] != '\0') {
            *to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

// "id parent device root TARGET options ... - TYPE source options"
static bool is_host_pseudo(char *line, const char *root, char **target) {
    char *type = strstr(line, " - ");
    char *at = line;
    for (int field = 0; field < 4 && at != NULL; field++) {
        at = strchr(at, ' ');
        at = at == NULL ? NULL : at + 1;
    }
    if (type == NULL || at == NULL) {
        return false;
    }
    type += 3;
    if (strncmp(type, "proc ", 5) != 0 && strncmp(type, "sysfs ", 6) != 0) {
        return false;
    }
    at[strcspn(at, " ")] = '\0';
    unescape(at);
    *target = at;
    size_t length = strlen(root);
    return strncmp(at, root, length) != 0 || (at[length] != '/' && at[length] != '\0');
}

// A mount that a user namespace has inherited is locked and cannot go (EINVAL, EPERM): it is
// covered instead. One that went with its parent is gone.
static int cover(struct init *init, const char *target) {
    if (sys_umount2(target, MNT_DETACH) == 0 || errno == ENOENT) {
        return 0;
    }
    if (errno != EINVAL && errno != EPERM) {
        return init_fail(init, SYNC_CALL_UMOUNT2, errno, target);
    }
    if (sys_mount("tmpfs", target, "tmpfs", 0, NULL) < 0) {
        return init_fail(init, SYNC_CALL_MOUNT, errno, target);
    }
    return 0;
}

static int cover_all(struct init *init, char *table) {
    char root[PATH_MAX];
    if (fchdir(init->root) < 0 || syscall(SYS_getcwd, root, sizeof(root)) < 0) {
        return init_fail(init, SYNC_CALL_GETCWD, errno, "");
    }
    int ret = 0;
    for (char *line = table; ret == 0 && *line != '\0';) {
        size_t length = strcspn(line, "\n");
        char *next = line + length + (line[length] == '\n' ? 1 : 0);
        char *target = NULL;
        line[length] = '\0';
        if (is_host_pseudo(line, root, &target)) {
            ret = cover(init, target);
        }
        line = next;
    }
    return ret;
}

int cover_host_mounts(struct init *init) {
    char *table =
        mmap(NULL, TABLE_LIMIT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (table == MAP_FAILED) {
        return init_fail(init, SYNC_CALL_MMAP, errno, "");
    }
    ssize_t size = read_table(init, table, TABLE_LIMIT);
    int ret = size < 0 ? (int)size : cover_all(init, table);
    munmap(table, TABLE_LIMIT);
    return ret;
}
