// A driver for the init stage without the Swift launcher: reads a plan as text, spawns the real
// init stage with it, plays the parent, and prints what was said.
//
//   drive [--map "IN OUT COUNT"] [--payload N] [--trace] [--start] [--base N] [--clone FLAGS]
//         [--abort REASON | --vanish REASON | --garble REASON] < plan
//
// --clone makes namespaces with the process, --start reads exec.fifo as `start` does, and the last
// three misbehave at a sync: ABORT, an early end, a message that is none.
//
// One operation per line: NAME key=value ..., with
//   s0..s3=TEXT      string operand             l0..l3=TEXT   appends to a list operand
//   x0=HEX           blob operand               n0..n2=NUMBER number operand
//   fd=path:P        O_PATH descriptor of P     fd=tree:P     detached recursive clone of P
//   fd=ns:P          read-only descriptor       fd=pid:N      pidfd
//   flags=NUMBER     origin=TEXT
// A word cannot hold a space: "\_" stands for one.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "builder.h"

#define MAX_FDS 64
#define MAX_ITEMS 64

static struct builder builder;
static int plan_fds[MAX_FDS];
static const char *map_line;
static int base = 20;
static int play_start;
static unsigned long clone_flags;
static uint64_t abort_at;
static uint64_t vanish_at;
static uint64_t garble_at;
static char fifo_path[4096];
static int console = -1;

static void die(const char *what) {
    fprintf(stderr, "drive: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void unescape(char *word) {
    char *to = word;
    for (; *word != '\0'; word++) {
        if (word[0] == '\\' && word[1] == '_') {
            *to++ = ' ';
            word++;
        } else if (word[0] == '\\' && word[1] == 'n') {
            *to++ = '\n';
            word++;
        } else {
            *to++ = *word;
        }
    }
    *to = '\0';
}

static int find_kind(const char *name) {
    for (int kind = 0; kind < PLAN_OP_COUNT; kind++) {
        if (strcmp(plan_op_name((uint16_t)kind), name) == 0) {
            return kind;
        }
    }
    fprintf(stderr, "drive: no operation %s\n", name);
    exit(2);
}

static int32_t add_fd(const char *spec) {
    int fd = -1;
    if (strncmp(spec, "path:", 5) == 0) {
        fd = open(spec + 5, O_PATH | O_CLOEXEC);
        snprintf(fifo_path, sizeof(fifo_path), "%s", spec + 5);
    } else if (strncmp(spec, "tree:", 5) == 0) {
        fd = (int)syscall(SYS_open_tree, AT_FDCWD, spec + 5, 1 | O_CLOEXEC | 0x8000);
    } else if (strncmp(spec, "ns:", 3) == 0) {
        fd = open(spec + 3, O_RDONLY | O_CLOEXEC);
    } else if (strncmp(spec, "pid:", 4) == 0) {
        fd = (int)syscall(SYS_pidfd_open, atoi(spec + 4), 0);
    }
    if (fd < 0 || builder.fd_count == MAX_FDS) {
        die(spec);
    }
    plan_fds[builder.fd_count] = fd;
    return (int32_t)builder.fd_count++;
}

static uint32_t add_hex(const char *text) {
    unsigned char bytes[4096];
    size_t size = 0;
    for (; text[0] != '\0' && text[1] != '\0' && size < sizeof(bytes); text += 2) {
        char pair[3] = {text[0], text[1], '\0'};
        bytes[size++] = (unsigned char)strtoul(pair, NULL, 16);
    }
    return builder_bytes(&builder, bytes, size);
}

// The counts of lists are operands of their own.
static void set_counts(struct plan_op *op, const size_t counts[4]) {
    switch (op->kind) {
    case PLAN_OP_MOUNT: op->num[2] = counts[3]; break;
    case PLAN_OP_EXEC:
        op->num[0] = counts[0];
        op->num[1] = counts[1];
        break;
    case PLAN_OP_HOOK: op->num[0] = (uint64_t)counts[1] << 32 | counts[2]; break;
    default: break;
    }
}

static void parse_operation(char *line) {
    const char *items[4][MAX_ITEMS];
    size_t counts[4] = {0};
    char *save = NULL;
    char *word = strtok_r(line, " \n", &save);
    if (word == NULL || word[0] == '#') {
        return;
    }
    struct plan_op *op = builder_op(&builder, (plan_kind)find_kind(word));
    while ((word = strtok_r(NULL, " \n", &save)) != NULL) {
        char *value = strchr(word, '=');
        if (value == NULL) {
            fprintf(stderr, "drive: bad word %s\n", word);
            exit(2);
        }
        *value++ = '\0';
        int digit = word[1] - '0';
        unescape(value);
        if (strcmp(word, "fd") == 0) {
            op->fd = add_fd(value);
        } else if (strcmp(word, "flags") == 0) {
            op->flags = (uint16_t)strtoul(value, NULL, 0);
        } else if (strcmp(word, "origin") == 0) {
            op->origin = builder_text(&builder, value);
        } else if (word[0] == 's') {
            op->str[digit] = builder_text(&builder, value);
        } else if (word[0] == 'x') {
            op->str[digit] = add_hex(value);
        } else if (word[0] == 'n') {
            op->num[digit] = strtoull(value, NULL, 0);
        } else if (word[0] == 'l' && counts[digit] < MAX_ITEMS) {
            items[digit][counts[digit]++] = value;
        }
    }
    for (int i = 0; i < 4; i++) {
        if (counts[i] > 0) {
            op->str[i] = builder_list(&builder, items[i], counts[i]);
        }
    }
    set_counts(op, counts);
}

static void read_plan(void) {
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) >= 0) {
        parse_operation(line);
    }
    free(line);
}

static int seal_plan(void) {
    static char plan[2u << 20];
    size_t size = builder_finish(&builder, plan, sizeof(plan));
    int fd = memfd_create("plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0 || write(fd, plan, size) != (ssize_t)size
        || fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0) {
        die("plan");
    }
    return fd;
}

static void place(int fd, int number) {
    if (dup2(fd, number) < 0) {
        die("dup2");
    }
}

static int spawn(int sync, int plan, const char *self) {
    int pid = (int)syscall(SYS_clone, clone_flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid != 0) {
        if (pid < 0) {
            die("clone");
        }
        return pid;
    }
    // High numbers first, so that no source is overwritten before it was placed.
    int at = base + 2 + (int)builder.fd_count;
    int moved[MAX_FDS + 2];
    int sources[MAX_FDS + 2] = {sync, plan};
    memcpy(sources + 2, plan_fds, sizeof(int) * builder.fd_count);
    for (int i = 0; i < at - base; i++) {
        moved[i] = fcntl(sources[i], F_DUPFD_CLOEXEC, at);
    }
    for (int i = 0; i < at - base; i++) {
        place(moved[i], base + i);
    }
    for (unsigned i = 0; i < builder.payload_fds; i++) {
        place(STDERR_FILENO, 3 + (int)i);
    }
    char number[16];
    snprintf(number, sizeof(number), "%d", base);
    execl(self, self, "init", number, (char *)NULL);
    die("exec");
    return -1;
}

static void answer(int sync, uint16_t kind) {
    struct sync_message message = {.magic = SYNC_MAGIC, .kind = kind};
    send(sync, &message, sizeof(message), MSG_NOSIGNAL);
}

// Lets the init stage go on after a sync, or does not.
static void answer_sync(int sync, uint64_t reason) {
    if (reason == abort_at) {
        answer(sync, SYNC_ABORT);
    } else if (reason == vanish_at) {
        shutdown(sync, SHUT_RDWR);
    } else if (reason == garble_at) {
        send(sync, "garbage", 7, MSG_NOSIGNAL);
    } else {
        answer(sync, SYNC_GO);
    }
}

static void write_file(int pid, const char *name, const char *text) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) {
        die(path);
    }
    close(fd);
}

static ssize_t receive(int sync, struct sync_message *message, int *fd) {
    char control[CMSG_SPACE(sizeof(int))];
    struct iovec part = {.iov_base = message, .iov_len = sizeof(*message)};
    struct msghdr envelope = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof(control)};
    ssize_t size = recvmsg(sync, &envelope, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = CMSG_FIRSTHDR(&envelope);
    *fd = -1;
    if (size > 0 && header != NULL && header->cmsg_type == SCM_RIGHTS) {
        memcpy(fd, CMSG_DATA(header), sizeof(int));
    }
    return size;
}

static void print_failure(const char *what, const struct sync_message *message) {
    uint16_t kind = message->op < builder.op_count ? builder.ops[message->op].kind : UINT16_MAX;
    printf("%s %s: %s: %s(%d) [%s]\n", what, plan_op_name(kind), sync_call_name(message->call),
        strerrorname_np(message->err), message->err, message->detail);
}

// Plays the parent until the socket's end; returns the pid of the process that runs the program.
static int converse(int sync, int pid) {
    struct sync_message message;
    int fd;
    answer(sync, SYNC_GO);
    while (receive(sync, &message, &fd) == sizeof(message)) {
        switch (message.kind) {
        case SYNC_REACHED:
            printf("reached %d\n", (int)message.value);
            if (message.value == SYNC_IDMAP && map_line != NULL) {
                if (geteuid() != 0) {
                    write_file(pid, "setgroups", "deny");
                }
                write_file(pid, "uid_map", map_line);
                write_file(pid, "gid_map", map_line);
            }
            if (message.value == SYNC_TIMENS) {
                write_file(pid, "timens_offsets", "boottime 1000000 0");
            }
            answer_sync(sync, message.value);
            break;
        case SYNC_FORKED:
            printf("forked%s\n", fd >= 0 ? " with pidfd" : "");
            waitpid(pid, NULL, 0);
            pid = (int)message.value;
            break;
        case SYNC_FD:
            printf("fd %d\n", (int)message.value);
            if (message.value == SYNC_CONSOLE) {
                console = fd;
            }
            break;
        case SYNC_TIMING:
            printf("%-14s %8.1f us\n", plan_op_name(builder.ops[message.op].kind),
                (double)message.value / 1000);
            break;
        case SYNC_EXECUTING: printf("executing\n"); break;
        case SYNC_WARN: print_failure("warn", &message); break;
        case SYNC_FAIL: print_failure("fail", &message); break;
        default: printf("message %d\n", message.kind); break;
        }
        fflush(stdout);
    }
    printf("end of conversation\n");
    fflush(stdout);
    return pid;
}

// What init leaves in the fifo: the byte of the barrier, the byte before exec, a message.
static void start_program(void) {
    char bytes[2 + sizeof(struct sync_message) + 1];
    size_t count = 0;
    ssize_t size;
    int fd = open(fifo_path, O_RDONLY | O_CLOEXEC);
    while (count < sizeof(bytes) && (size = read(fd, bytes + count, sizeof(bytes) - count)) > 0) {
        count += (size_t)size;
    }
    printf("fifo %zu %d\n", count, count > 0 ? bytes[0] : -1);
    if (count >= 1 + sizeof(struct sync_message)) {
        struct sync_message message;
        memcpy(&message, bytes + count - sizeof(message), sizeof(message));
        print_failure("late fail", &message);
    }
    fflush(stdout);
    close(fd);
}

static void copy_console(void) {
    char buffer[4096];
    ssize_t size;
    while (console >= 0 && (size = read(console, buffer, sizeof(buffer))) > 0) {
        fwrite(buffer, 1, (size_t)size, stdout);
    }
}

static void parse_arguments(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--map") == 0 && i + 1 < argc) {
            map_line = argv[++i];
        } else if (strcmp(argv[i], "--payload") == 0 && i + 1 < argc) {
            builder.payload_fds = (uint32_t)atoi(argv[++i]);
        } else if (strcmp(argv[i], "--base") == 0 && i + 1 < argc) {
            base = atoi(argv[++i]);
        } else if (strcmp(argv[i], "--clone") == 0 && i + 1 < argc) {
            clone_flags = strtoul(argv[++i], NULL, 0);
        } else if (strcmp(argv[i], "--abort") == 0 && i + 1 < argc) {
            abort_at = strtoul(argv[++i], NULL, 0);
        } else if (strcmp(argv[i], "--vanish") == 0 && i + 1 < argc) {
            vanish_at = strtoul(argv[++i], NULL, 0);
        } else if (strcmp(argv[i], "--garble") == 0 && i + 1 < argc) {
            garble_at = strtoul(argv[++i], NULL, 0);
        } else if (strcmp(argv[i], "--trace") == 0) {
            builder.flags |= PLAN_TRACE;
        } else if (strcmp(argv[i], "--start") == 0) {
            play_start = 1;
        } else {
            fprintf(stderr, "drive: bad argument %s\n", argv[i]);
            exit(2);
        }
    }
}

int main(int argc, char **argv) {
    int pair[2];
    int status = 0;
    if (argc > 1 && strcmp(argv[1], "init") == 0) {
        return init_main(argc, argv);
    }
    builder_start(&builder);
    parse_arguments(argc, argv);
    read_plan();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) {
        die("socketpair");
    }
    int pid = spawn(pair[1], seal_plan(), "/proc/self/exe");
    close(pair[1]);
    for (uint32_t i = 0; i < builder.fd_count; i++) {
        close(plan_fds[i]);
    }
    pid = converse(pair[0], pid);
    if (play_start) {
        start_program();
    }
    copy_console();
    if (waitpid(pid, &status, 0) != pid) {
        die("waitpid");
    }
    if (WIFEXITED(status)) {
        printf("exit %d\n", WEXITSTATUS(status));
    } else {
        printf("signal %d\n", WTERMSIG(status));
    }
    return 0;
}
