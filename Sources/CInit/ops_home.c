// HOME for a program whose environment does not have it: from the container's own passwd file.

#include "init.h"

#include <string.h>

#include "syscalls.h"

// A longer line cannot hold a path that fits, and an image decides how long this file is.
#define LINE_SIZE 4096
#define FILE_LIMIT (16u << 20)

// Splits off the next ':' field; returns NULL when there is none left.
static char *next_field(char **line) {
    char *field = *line;
    if (field == NULL) {
        return NULL;
    }
    char *colon = strchr(field, ':');
    *line = colon == NULL ? NULL : colon + 1;
    if (colon != NULL) {
        *colon = '\0';
    }
    return field;
}

static bool number_is(const char *text, uint64_t expected) {
    uint64_t number = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || number > UINT32_MAX) {
            return false;
        }
        number = number * 10 + (uint64_t)(*text - '0');
    }
    return number == expected;
}

// "name:password:uid:gid:gecos:home:shell". True when the line is the user's and names a home.
static bool take_line(struct init *init, char *line, uint64_t uid) {
    char *fields[6];
    for (int i = 0; i < 6; i++) {
        fields[i] = next_field(&line);
        if (fields[i] == NULL) {
            return false;
        }
    }
    if (!number_is(fields[2], uid) || fields[5][0] == '\0') {
        return false;
    }
    size_t size = strlen(fields[5]) + 1;
    if (size > sizeof(init->home) - 5) {
        return false;
    }
    memcpy(init->home + 5, fields[5], size);
    return true;
}

// Reads line by line; what does not fit the buffer is skipped as a whole.
static int search(struct init *init, int fd, uint64_t uid) {
    char buffer[LINE_SIZE];
    size_t used = 0;
    bool skipping = false;
    for (size_t total = 0; total < FILE_LIMIT;) {
        ssize_t size = read(fd, buffer + used, sizeof(buffer) - 1 - used);
        if (size < 0 && errno != EINTR) {
            return init_fail(init, SYNC_CALL_READ, errno, "/etc/passwd");
        }
        used += size > 0 ? (size_t)size : 0;
        total += size > 0 ? (size_t)size : 0;
        buffer[used] = '\0';
        char *line = buffer;
        for (char *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
            *end = '\0';
            if (!skipping && take_line(init, line, uid)) {
                return 0;
            }
            skipping = false;
        }
        if (size == 0) {
            return !skipping && take_line(init, line, uid) ? 0 : -ENOENT;
        }
        used = strlen(line);
        memmove(buffer, line, used);
        if (used == sizeof(buffer) - 1) {
            skipping = true;
            used = 0;
        }
    }
    return -ENOENT;
}

// The file is opened without blocking and read only when it is a regular one.
int op_home(struct init *init, const struct plan_op *op) {
    struct stat status;
    memcpy(init->home, "HOME=/", sizeof("HOME=/"));
    AUTOCLOSE int fd = path_open(init, "etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode)) {
        return 0;
    }
    int ret = search(init, fd, op->num[0]);
    return ret == -ENOENT ? 0 : ret;
}
