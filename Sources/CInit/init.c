// The init stage's life: take over the descriptors, validate the plan, wait for GO, run operations.

#include "init.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#include "syscalls.h"

typedef int (*operation)(struct init *, const struct plan_op *);

static const operation operations[PLAN_OP_COUNT] = {
#define X(constant, name, function) [PLAN_OP_##constant] = function,
    PLAN_OPS(X)
#undef X
};

void close_quietly(int *fd) {
    if (*fd >= 0) {
        close(*fd);
    }
}

// Copies as much as fits and always terminates.
static void copy_text(char *to, size_t size, const char *from) {
    size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

int init_fail(struct init *init, uint16_t call, int err, const char *detail) {
    init->call = call;
    copy_text(init->detail, sizeof(init->detail), detail == NULL ? "" : detail);
    return err > 0 ? -err : -EPROTO;
}

void number_text(char text[NUMBER_SIZE], uint64_t number) {
    char digits[NUMBER_SIZE];
    size_t count = 0;
    do {
        digits[count++] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    for (size_t i = 0; i < count; i++) {
        text[i] = digits[count - 1 - i];
    }
    text[count] = '\0';
}

void init_detail(struct init *init, const char *text) {
    size_t used = strlen(init->detail);
    if (used > 0 && used + 3 < sizeof(init->detail)) {
        memcpy(init->detail + used, ": ", 3);
        used += 2;
    }
    copy_text(init->detail + used, sizeof(init->detail) - used, text);
}

// Parses the decimal number of the first internal descriptor: 3 or above, nothing after it.
static int parse_first(int argc, char **argv) {
    if (argc != 3 || argv[2][0] < '1' || argv[2][0] > '9') {
        return -EINVAL;
    }
    int number = 0;
    for (const char *digit = argv[2]; *digit != '\0'; digit++) {
        if (*digit < '0' || *digit > '9' || number > 1000000) {
            return -EINVAL;
        }
        number = number * 10 + (*digit - '0');
    }
    return number < 3 ? -EINVAL : number;
}

// The descriptor must be one end of the parent's SOCK_SEQPACKET pair, nothing else.
static int check_socket(int fd) {
    int type = 0;
    int domain = 0;
    socklen_t size = sizeof(type);
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0) {
        return -errno;
    }
    size = sizeof(domain);
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) < 0) {
        return -errno;
    }
    return type == SOCK_SEQPACKET && domain == AF_UNIX ? 0 : -EINVAL;
}

// Maps the plan. The seals guarantee that nobody changes it between validation and execution.
static int map_plan(struct init *init, int fd, size_t *size) {
    const int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    int present = fcntl(fd, F_GET_SEALS);
    struct stat status;
    if (present < 0 || fstat(fd, &status) < 0) {
        return -errno;
    }
    if ((present & seals) != seals || status.st_size < (off_t)sizeof(struct plan_header)
        || status.st_size > (off_t)PLAN_MAX_SIZE) {
        return -EINVAL;
    }
    *size = (size_t)status.st_size;
    void *map = mmap(NULL, *size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) {
        return -errno;
    }
    close(fd);
    init->header = map;
    init->ops = (const struct plan_op *)(init->header + 1);
    return 0;
}

// Everything from the first internal descriptor on becomes CLOEXEC: the parent had to clear the
// flag to pass them, and neither hooks nor the program may inherit one (CVE-2024-21626).
static int adopt(struct init *init, size_t *plan_size) {
    if (check_socket(init->first) < 0
        || sys_close_range((unsigned)init->first, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
        return -EINVAL;
    }
    init->sync = init->first;
    return map_plan(init, init->first + 1, plan_size);
}

static int check_open(struct init *init, int first, uint32_t count, const char *detail) {
    for (uint32_t i = 0; i < count; i++) {
        if (fcntl(first + (int)i, F_GETFD) < 0) {
            return init_fail(init, SYNC_CALL_PROTOCOL, errno, detail);
        }
    }
    return 0;
}

// A closed number among the program's descriptors would be taken by the next internal one, which
// would then be changed or kept as if it were the program's. Strays between the program's and the
// internal descriptors are closed.
static int check_descriptors(struct init *init) {
    uint32_t kept = 3 + init->header->payload_fds;
    uint32_t first = (uint32_t)init->first;
    if (first < kept) {
        return init_fail(init, SYNC_CALL_PROTOCOL, EINVAL, "descriptors overlap");
    }
    int ret = check_open(init, 0, kept, "missing program descriptor");
    if (ret == 0) {
        ret = check_open(init, init->first + 2, init->header->fd_count, "missing descriptor");
    }
    if (ret == 0 && first > kept && sys_close_range(kept, first - 1, 0) < 0) {
        return init_fail(init, SYNC_CALL_CLOSE_RANGE, errno, "");
    }
    return ret;
}

static int check_plan(struct init *init, size_t size) {
    uint32_t bad = UINT32_MAX;
    int ret = plan_validate(init->header, size, &bad);
    init->index = bad;
    if (ret < 0) {
        return init_fail(init, SYNC_CALL_VALIDATE, -ret, "");
    }
    init->table = (const char *)init->header + init->header->table_offset;
    return check_descriptors(init);
}

static uint64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Runs one operation and applies its flags to the result.
static int run_operation(struct init *init, const struct plan_op *op) {
    if ((op->flags & PLAN_INSTEAD) != 0 && !init->refused) {
        return 0;
    }
    bool trace = (init->header->flags & PLAN_TRACE) != 0;
    uint64_t begin = trace ? nanoseconds() : 0;
    init->call = SYNC_CALL_NONE;
    init->detail[0] = '\0';
    int ret = operations[op->kind](init, op);
    // A filter may kill whoever sends: it must not depend on whether operations are timed.
    if (trace && init->sync >= 0 && !init->filtered) {
        sync_send(init, SYNC_TIMING, nanoseconds() - begin, -1);
    }
    if (ret == -ENOENT && (op->flags & PLAN_IGNORE_ENOENT) != 0) {
        return 0;
    }
    if (ret < 0 && (op->flags & PLAN_WARN) != 0) {
        sync_report(init, SYNC_WARN, ret);
        return 0;
    }
    return ret;
}

// The plan is checked while the parent is still busy, but its failure is reported after GO: a
// message that nobody has read would turn the end of the conversation into ECONNRESET.
static int run(struct init *init, size_t plan_size) {
    int checked = check_plan(init, plan_size);
    int ret = sync_wait(init);
    if (checked < 0) {
        return checked;
    }
    for (uint32_t i = 0; ret >= 0 && i < init->header->op_count; i++) {
        init->index = i;
        init->kind = init->ops[i].kind;
        ret = run_operation(init, &init->ops[i]);
    }
    return ret;
}

int init_main(int argc, char **argv) {
    static const char usage[] = "apus init is internal\n";
    struct init init = {
        .first = parse_first(argc, argv),
        .sync = -1,
        .fifo = -1,
        .fork_gate = -1,
        .root = -1,
        .proc = -1,
        .null = -1,
        .mask = -1,
    };
    size_t plan_size = 0;
    if (init.first < 0 || adopt(&init, &plan_size) < 0) {
        return write(STDERR_FILENO, usage, sizeof(usage) - 1) < 0 ? 2 : 1;
    }
    // Nobody inside the container may look into this process before it is the program
    // (CVE-2016-9962), and a receiver that has gone away is an error code, not a signal.
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
    init.umask = umask(0);
    int ret = run(&init, plan_size);
    sync_report(&init, SYNC_FAIL, ret);
    return 1;
}
