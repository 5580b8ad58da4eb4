// A stand-in for CRIU where the real one cannot dump (the kernel is too new for it), and for what
// the real one does only by accident: it speaks the same protocol (criu.org/RPC), writes down what
// it was asked, and "restores" a program that sleeps.
//
//   payload criu swrk FD
//
// CRIU_RECORD names the file for what was asked: `KIND`, then a line `FIELD=VALUE` for each option
// by its number in rpc.proto, `FIELD.FIELD=VALUE` inside of a message. CRIU_MODE:
//   refuse      answers the request with a failure, and says why in its log
//   die         is killed after it has stopped the processes
//   old         is version 3.15
//   featureless can do neither pre-dumps nor lazy pages
//   slow        takes a second before it asks what it asks
//   hang        never comes back, once it has stopped the processes or made one
//   remount     mounts the unified hierarchy without options, and goes on when there is a file of the
//               record's name with `.go` behind it
#define _GNU_SOURCE
#include "payload.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DUMP = 1, RESTORE = 2, PRE_DUMP = 4, NOTIFY = 6, FEATURES = 9, VERSION = 10 };

struct request {
    uint64_t kind;
    int success;
    int keeps_open;
    int pid;
    int leaves_running;
    int work;
    char log[64];
    char root[4096];
    char freezer[4096];
};

struct bytes {
    unsigned char data[65536];
    size_t size;
};

static int sock;
static FILE *record;

static int mode_is(const char *mode) {
    const char *value = getenv("CRIU_MODE");
    return value && strcmp(value, mode) == 0;
}

// -- the wire format --

static uint64_t get_number(const unsigned char **next) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        value |= (uint64_t)(**next & 0x7f) << shift;
        if (!(*(*next)++ & 0x80))
            break;
    }
    return value;
}

static void put_number(struct bytes *to, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        to->data[to->size++] = (unsigned char)(value | 0x80);
    to->data[to->size++] = (unsigned char)value;
}

static void put_field(struct bytes *to, unsigned field, uint64_t value) {
    put_number(to, field << 3);
    put_number(to, value);
}

static void put_block(struct bytes *to, unsigned field, const void *data, size_t size) {
    put_number(to, field << 3 | 2);
    put_number(to, size);
    memcpy(to->data + to->size, data, size);
    to->size += size;
}

static int is_message(uint64_t field) {
    return field == 11 || field == 23 || field == 25 || field == 27 || field == 39;
}

static void keep_text(struct request *request, uint64_t field, const void *data, size_t size) {
    char *to = field == 10 ? request->log : field == 13 ? request->root : request->freezer;
    size_t limit = field == 10 ? sizeof request->log : sizeof request->root;
    if ((field == 10 || field == 13 || field == 44) && size < limit) {
        memcpy(to, data, size);
        to[size] = '\0';
    }
}

static void keep_number(struct request *request, uint64_t field, uint64_t value) {
    if (field == 2)
        request->pid = (int)value;
    if (field == 3)
        request->leaves_running = (int)value;
    if (field == 17)
        request->work = (int)value;
}

// Writes the options down, and keeps those that matter here.
static void read_options(struct request *request, const unsigned char *next,
    const unsigned char *end, const char *prefix) {
    while (next < end) {
        uint64_t tag = get_number(&next), field = tag >> 3, value = get_number(&next);
        if ((tag & 7) == 0) {
            if (!*prefix)
                keep_number(request, field, value);
            fprintf(record, "%s%d=%ld\n", prefix, (int)field, (long)value);
            continue;
        }
        if (!*prefix && is_message(field)) {
            char name[16];
            snprintf(name, sizeof name, "%d.", (int)field);
            read_options(request, next, next + value, name);
        } else {
            if (!*prefix)
                keep_text(request, field, next, value);
            fprintf(record, "%s%d=%.*s\n", prefix, (int)field, (int)value, (const char *)next);
        }
        next += value;
    }
}

static void parse(struct request *request, const struct bytes *from) {
    const unsigned char *next = from->data, *end = next + from->size;
    memset(request, 0, sizeof *request);
    while (next < end) {
        uint64_t tag = get_number(&next), value = get_number(&next);
        if (tag >> 3 == 1) {
            request->kind = value;
            fprintf(record, "kind=%d\n", (int)value);
        } else if (tag >> 3 == 2) {
            read_options(request, next, next + value, "");
        } else if (tag >> 3 == 3) {
            request->success = (int)value;
        } else if (tag >> 3 == 4) {
            request->keeps_open = (int)value;
        }
        if ((tag & 7) == 2)
            next += value;
    }
    fflush(record);
}

static int receive(struct request *request) {
    struct bytes bytes;
    ssize_t count = recv(sock, bytes.data, sizeof bytes.data, 0);
    if (count <= 0)
        return 0;
    bytes.size = (size_t)count;
    parse(request, &bytes);
    return 1;
}

static void respond(struct bytes *response) {
    if (send(sock, response->data, response->size, MSG_NOSIGNAL) < 0)
        exit(1);
}

static struct bytes answer(uint64_t kind, int success) {
    struct bytes response = {.size = 0};
    put_field(&response, 1, kind);
    put_field(&response, 2, (uint64_t)success);
    return response;
}

// -- what it does --

static void write_log(const struct request *request, const char *text) {
    char path[128];
    snprintf(path, sizeof path, "/proc/%d/fd/%d/%s", getppid(), request->work, request->log);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        fprintf(stderr, "criu: cannot write %s\n", path);
    if (fd >= 0)
        close(fd);
}

// Says what it has come to; 0 when the caller wants it to give up.
static int notify(const char *script, int pid) {
    struct bytes inner = {.size = 0}, response = answer(NOTIFY, 1);
    struct request reply;
    put_block(&inner, 1, script, strlen(script));
    put_field(&inner, 2, (uint64_t)pid);
    put_block(&response, 5, inner.data, inner.size);
    respond(&response);
    return receive(&reply) && reply.success;
}

static int refuse(const struct request *request) {
    struct bytes response = answer(request->kind, 0);
    const char *text = "no luck today";
    put_field(&response, 7, 22);
    put_block(&response, 9, text, strlen(text));
    respond(&response);
    return 1;
}

static void stop_processes(const struct request *request) {
    char path[4200];
    snprintf(path, sizeof path, "%s/freezer.state", request->freezer);
    int fd = open(path, O_WRONLY);
    if (fd >= 0 && write(fd, "FROZEN", 6) < 0)
        perror(path);
}

// The kernel takes the options of the last mount for the whole machine's.
static void remount(void) {
    char path[4200];
    snprintf(path, sizeof path, "%s.go", getenv("CRIU_RECORD"));
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
        || mount("none", "/tmp", "cgroup2", 0, NULL) < 0 || umount2("/tmp", MNT_DETACH) < 0)
        perror("remount");
    fprintf(record, "remounted\n");
    fflush(record);
    while (access(path, F_OK) < 0)
        usleep(20000);
}

static int dump(const struct request *request) {
    write_log(request,
        "(00.000001) Version: 3.17\n"
        "(00.000002)      7: Error (criu/fake.c:12): The first reason\n"
        "(00.000003) Error (criu/fake.c:99): Dumping FAILED.\n");
    if (mode_is("refuse"))
        return refuse(request);
    if (mode_is("die")) {
        stop_processes(request);
        kill(getpid(), SIGKILL);
    }
    if (mode_is("remount"))
        remount();
    if (mode_is("hang")) {
        stop_processes(request);
        fprintf(record, "hanging\n");
        fflush(record);
        for (;;)
            pause();
    }
    if (mode_is("slow")) {
        fprintf(record, "slow\n");
        fflush(record);
        sleep(1);
    }
    if (!notify("network-lock", 0) || !notify("status-ready", 0)) {
        fprintf(record, "taken back\n");
        fflush(record);
        return refuse(request);
    }
    if (!request->leaves_running)
        kill(request->pid, SIGKILL);
    struct bytes response = answer(request->kind, 1);
    respond(&response);
    return 0;
}

// The process is a sibling, as the real one's. It waits for a byte before it goes on.
static pid_t start_process(const struct request *request, const int *gate) {
    long flags = CLONE_PARENT | CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
    pid_t pid = (pid_t)syscall(SYS_clone, flags, 0, 0, 0, 0);
    if (pid == 0) {
        char byte;
        close(gate[1]);
        // Its root is in place before it goes on, as the real one's: the mount goes with the caller.
        if (chroot(request->root) == 0 && chdir("/") == 0 && write(gate[0], "r", 1) == 1
            && read(gate[0], &byte, 1) == 1)
            execl("/payload", "payload", "echo", "restored", ",", "pause", NULL);
        _exit(1);
    }
    return pid;
}

static int restore(const struct request *request) {
    int gate[2];
    write_log(request, "(00.000001) Error (criu/fake.c:13): The image is from another world\n");
    if (mode_is("refuse"))
        return refuse(request);
    char ready;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) < 0)
        return refuse(request);
    pid_t pid = start_process(request, gate);
    if (mode_is("die"))
        kill(getpid(), SIGKILL);
    if (mode_is("hang") && pid > 0 && read(gate[1], &ready, 1) == 1) {
        fprintf(record, "hanging\n");
        fflush(record);
        for (;;)
            pause();
    }
    if (pid < 0 || read(gate[1], &ready, 1) != 1 || !notify("setup-namespaces", pid)
        || !notify("post-restore", pid)) {
        kill(pid, SIGKILL);
        return refuse(request);
    }
    if (write(gate[1], "x", 1) < 0)
        return refuse(request);
    struct bytes inner = {.size = 0}, response = answer(RESTORE, 1);
    put_field(&inner, 1, (uint64_t)pid);
    put_block(&response, 4, inner.data, inner.size);
    respond(&response);
    return 0;
}

static int tell(const struct request *request) {
    struct bytes inner = {.size = 0}, response = answer(request->kind, 1);
    if (request->kind == VERSION) {
        put_field(&inner, 1, 3);
        put_field(&inner, 2, mode_is("old") ? 15 : 17);
        put_block(&response, 10, inner.data, inner.size);
    } else {
        put_field(&inner, 1, !mode_is("featureless"));
        put_field(&inner, 2, !mode_is("featureless"));
        put_block(&response, 8, inner.data, inner.size);
    }
    respond(&response);
    return 0;
}

int cmd_criu(int argc, char **argv) {
    const char *path = getenv("CRIU_RECORD");
    struct request request;
    sock = (int)number(argc, argv, 2, 3);
    record = fopen(path ? path : "/dev/null", "a");
    if (!record)
        return 1;
    while (receive(&request)) {
        int status = 0;
        switch (request.kind) {
        case DUMP:
        case PRE_DUMP: status = dump(&request); break;
        case RESTORE: status = restore(&request); break;
        default: status = tell(&request); break;
        }
        if (!request.keeps_open)
            return status;
    }
    return 0;
}
