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

// Sends over the socket, with one descriptor when `fd` is not negative.
static int send_message(int socket, const struct sync_message *message, int fd) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = (void *)(uintptr_t)message, .iov_len = sizeof(*message)};
    struct msghdr envelope = {.msg_iov = &part, .msg_iovlen = 1};
    if (fd >= 0) {
        memset(&control, 0, sizeof(control));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
        envelope.msg_control = &control;
        envelope.msg_controllen = sizeof(control.space);
    }
    for (;;) {
        ssize_t sent = sendmsg(socket, &envelope, MSG_NOSIGNAL);
        if (sent >= 0) {
            return 0;
        }
        if (errno == EINTR) {
            continue;
        }
        // A system call filter may know no sendmsg; a socket takes a write too.
        int err = errno;
        if (fd < 0 && write(socket, message, sizeof(*message)) == (ssize_t)sizeof(*message)) {
            return 0;
        }
        return -err;
    }
}

// A message is smaller than PIPE_BUF, so the fifo takes it whole or not at all.
static int write_message(int fifo, const struct sync_message *message) {
    for (;;) {
        ssize_t sent = write(fifo, message, sizeof(*message));
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
    int ret = send_message(init->sync, &message, fd);
    return ret < 0 ? init_fail(init, SYNC_CALL_SENDMSG, -ret, "") : 0;
}

// Waits for GO. ABORT and the end of the conversation mean that the parent has given up and says
// why itself, so the init stage leaves silently.
int sync_wait(struct init *init) {
    struct sync_message message;
    ssize_t size;
    do {
        size = recv(init->sync, &message, sizeof(message), MSG_TRUNC);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return init_fail(init, SYNC_CALL_RECVMSG, errno, "");
    }
    if (size == 0) {
        _exit(1);
    }
    if (size != (ssize_t)sizeof(message) || message.magic != SYNC_MAGIC) {
        return init_fail(init, SYNC_CALL_PROTOCOL, EPROTO, "not a message");
    }
    if (message.kind == SYNC_ABORT) {
        _exit(1);
    }
    return message.kind == SYNC_GO ? 0 : init_fail(init, SYNC_CALL_PROTOCOL, EPROTO, "not GO");
}

// Sends FAIL or WARN with what init_fail noted. After WAIT_START only a FAIL is worth a message:
// `start` reads nothing else.
void sync_report(struct init *init, uint16_t kind, int ret) {
    struct sync_message message = {
        .magic = SYNC_MAGIC, .kind = kind, .call = init->call, .op = init->index, .err = -ret,
        .value2 = init->kind};
    memcpy(message.detail, init->detail, sizeof(message.detail));
    if (init->sync >= 0) {
        if (init->fork_gate >= 0) {
            wait_for_stage_one(init);
        }
        send_message(init->sync, &message, -1);
    } else if (init->fifo >= 0 && kind == SYNC_FAIL) {
        write_message(init->fifo, &message);
    }
}

int op_sync(struct init *init, const struct plan_op *op) {
    int ret = sync_send(init, SYNC_REACHED, op->num[0], -1);
    return ret < 0 ? ret : sync_wait(init);
}
