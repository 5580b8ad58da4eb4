// The init stage's side of the conversation with the parent.

#include "init.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *const call_names[] = {
#define X(constant, name) [SYNC_CALL_##constant] = name,
    SYNC_CALLS(X)
#undef X
};

const char *sync_call_name(uint16_t call) {
    return call < sizeof(call_names) / sizeof(call_names[0]) ? call_names[call] : "?";
}

// Stage one and stage two share the socket. Stage two holds its first message back until stage one
// has announced it: by then the gate is nearly always at its end already.
static void wait_for_stage_one(struct init *init) {
    char byte;
    while (read(init->fork_gate, &byte, 1) < 0 && errno == EINTR) {
    }
    close(init->fork_gate);
    init->fork_gate = -1;
}

// Sends over the socket, with one descriptor.
static int send_descriptor(int socket, const struct sync_message *message, int fd) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = sizeof(*message)};
    struct msghdr envelope = {
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof(control.space),
    };
    memset(&control, 0, sizeof(control));
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
    for (;;) {
        ssize_t sent = sendmsg(socket, &envelope, MSG_NOSIGNAL);
        if (sent >= 0) {
            return 0;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

// Over the socket or the fifo, which take a message whole: it is smaller than PIPE_BUF. Messages
// go by read and write, which a system call filter refuses last.
static int write_message(int channel, const struct sync_message *message) {
    for (;;) {
        ssize_t sent = write(channel, message, sizeof(*message));
        if (sent >= 0) {
            return 0;
        }
        if (errno != EINTR) {
            return -errno;
        }
    }
}

int sync_send(struct init *init, uint16_t kind, uint64_t value, int fd) {
    struct sync_message message = {
        .magic = SYNC_MAGIC, .kind = kind, .op = init->index, .value = value};
    if (init->fork_gate >= 0) {
        wait_for_stage_one(init);
    }
    int ret =
        fd < 0 ? write_message(init->sync, &message) : send_descriptor(init->sync, &message, fd);
    return ret < 0 ? init_fail(init, fd < 0 ? SYNC_CALL_WRITE : SYNC_CALL_SENDMSG, -ret, "") : 0;
}

// Waits for GO. ABORT and the end of the conversation mean that the parent has given up and says
// why itself, so the init stage leaves silently.
int sync_wait(struct init *init) {
    struct {
        struct sync_message message;
        char excess; // tells a message that is too long
    } input;
    ssize_t size;
    do {
        size = read(init->sync, &input, sizeof(input));
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return init_fail(init, SYNC_CALL_READ, errno, "");
    }
    if (size == 0) {
        _exit(1);
    }
    const struct sync_message *message = &input.message;
    if (size != (ssize_t)sizeof(*message) || message->magic != SYNC_MAGIC) {
        return init_fail(init, SYNC_CALL_PROTOCOL, EPROTO, "not a message");
    }
    if (message->kind == SYNC_ABORT) {
        _exit(1);
    }
    return message->kind == SYNC_GO ? 0 : init_fail(init, SYNC_CALL_PROTOCOL, EPROTO, "not GO");
}

// Sends FAIL or WARN with what init_fail noted. After WAIT_START only a FAIL is worth a message:
// `start` reads nothing else.
void sync_report(struct init *init, uint16_t kind, int ret) {
    struct sync_message message = {.magic = SYNC_MAGIC,
        .kind = kind,
        .call = init->call,
        .op = init->index,
        .err = -ret,
        .value2 = init->kind};
    memcpy(message.detail, init->detail, sizeof(message.detail));
    if (init->sync >= 0) {
        if (init->fork_gate >= 0) {
            wait_for_stage_one(init);
        }
        write_message(init->sync, &message);
    } else if (init->fifo >= 0 && kind == SYNC_FAIL) {
        write_message(init->fifo, &message);
    }
}

// Tells the end of the channel at exec from the one at a death, as far as that can be told: what
// kills the process between here and exec is seen as the program's death. Nobody is left to hear of
// a failure, and the program does not depend on it.
void sync_executing(struct init *init) {
    struct sync_message message = {.magic = SYNC_MAGIC, .kind = SYNC_EXECUTING, .op = init->index};
    if (init->sync < 0) {
        if (init->fifo >= 0 && write(init->fifo, "", 1) < 0) {
            close_quietly(&init->fifo);
            init->fifo = -1;
        }
    } else if (!init->filtered) {
        if (init->fork_gate >= 0) {
            wait_for_stage_one(init);
        }
        write_message(init->sync, &message);
    }
}

int op_sync(struct init *init, const struct plan_op *op) {
    int ret = sync_send(init, SYNC_REACHED, op->num[0], -1);
    return ret < 0 ? ret : sync_wait(init);
}
