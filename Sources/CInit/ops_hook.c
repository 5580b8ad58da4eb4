// Hooks that run in the container's namespaces: createContainer and startContainer.

#include "init.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "syscalls.h"

// Linux 6.3; a host may demand it (vm.memfd_noexec=2).
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

// What the child needs; everything is prepared before it exists.
struct hook {
    const char *path;
    const char **arguments;
    const char **environment;
    size_t size;   // of the mapping behind both lists
    int input;     // the state, as a file at its start
    int status[2]; // the child's errno when it cannot execute the hook
    int output[2]; // what becomes its standard output and error, or -1: the pipe
    int pipe[2];   // whose end says why it failed
    size_t said;   // length of `tail`
    char tail[SYNC_DETAIL_SIZE - 1];
};

static int write_all(int fd, const char *text) {
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t written = write(fd, text, left);
        if (written < 0 && errno != EINTR) {
            return -1;
        }
        text += written > 0 ? written : 0;
        left -= written > 0 ? (size_t)written : 0;
    }
    return 0;
}

// A memfd and not a pipe: the state may be longer than a pipe holds, and a hook that does not read
// it neither blocks anybody nor raises SIGPIPE.
static int make_input(struct init *init, const struct plan_op *op) {
    char pid[NUMBER_SIZE];
    const char *before = plan_text(init, op->str[3]);
    const char *after = before + strlen(before) + 1;
    int fd = memfd_create("state", MFD_CLOEXEC | MFD_NOEXEC_SEAL);
    if (fd < 0 && errno == EINVAL) {
        fd = memfd_create("state", MFD_CLOEXEC); // before Linux 6.3
    }
    if (fd < 0) {
        return init_fail(init, SYNC_CALL_WRITE, errno, "memfd_create");
    }
    number_text(pid, (uint64_t)getpid());
    if (write_all(fd, before) < 0 || write_all(fd, pid) < 0 || write_all(fd, after) < 0
        || lseek(fd, 0, SEEK_SET) < 0) {
        int ret = init_fail(init, SYNC_CALL_WRITE, errno, "state");
        close(fd);
        return ret;
    }
    return fd;
}

// A place of num2: the number of the descriptor, or -1.
static int passed_fd(const struct init *init, uint32_t place) {
    return place == 0 ? -1 : init->first + 1 + (int)place;
}

static int prepare(struct init *init, const struct plan_op *op, struct hook *hook) {
    uint32_t argc = (uint32_t)(op->num[0] >> 32);
    uint32_t envc = (uint32_t)op->num[0];
    hook->path = plan_text(init, op->str[0]);
    hook->size = ((size_t)argc + envc + 2) * sizeof(char *);
    hook->output[0] = passed_fd(init, (uint32_t)op->num[2]);
    hook->output[1] = passed_fd(init, (uint32_t)(op->num[2] >> 32));
    hook->input = make_input(init, op);
    if (hook->input < 0) {
        return hook->input;
    }
    if (pipe2(hook->status, O_CLOEXEC) < 0 || pipe2(hook->pipe, O_CLOEXEC) < 0
        || fcntl(hook->pipe[0], F_SETFL, O_NONBLOCK) < 0) {
        return init_fail(init, SYNC_CALL_PIPE2, errno, "");
    }
    const char **lists =
        mmap(NULL, hook->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (lists == MAP_FAILED) {
        return init_fail(init, SYNC_CALL_MMAP, errno, "");
    }
    hook->arguments = lists;
    hook->environment = lists + argc + 1;
    plan_list(init, op->str[1], argc, hook->arguments);
    plan_list(init, op->str[2], envc, hook->environment);
    return 0;
}

static void release(struct hook *hook) {
    close_quietly(&hook->input);
    close_quietly(&hook->status[0]);
    close_quietly(&hook->status[1]);
    close_quietly(&hook->pipe[0]);
    close_quietly(&hook->pipe[1]);
    if (hook->arguments != NULL) {
        munmap(hook->arguments, hook->size);
    }
}

static _Noreturn void run_child(struct init *init, const struct hook *hook) {
    reset_signals();
    umask(init->umask);
    int output = hook->output[0] < 0 ? hook->pipe[1] : hook->output[0];
    int errors = hook->output[1] < 0 ? hook->pipe[1] : hook->output[1];
    bool ready = dup3(hook->input, STDIN_FILENO, 0) >= 0 && dup3(output, STDOUT_FILENO, 0) >= 0
        && dup3(errors, STDERR_FILENO, 0) >= 0;
    if (ready) {
        execve(
            hook->path, (char **)(uintptr_t)hook->arguments, (char **)(uintptr_t)hook->environment);
    }
    int err = errno;
    _exit(write(hook->status[1], &err, sizeof(err)) == sizeof(err) ? 127 : 126);
}

static int64_t milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Keeps the end of what the hook writes; returns 0 when nothing is there now, -1 at its end.
static int read_output(struct hook *hook) {
    char text[1024];
    ssize_t size = read(hook->pipe[0], text, sizeof(text));
    if (size <= 0) {
        return size < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
    }
    size_t fresh = (size_t)size < sizeof(hook->tail) ? (size_t)size : sizeof(hook->tail);
    size_t room = sizeof(hook->tail) - fresh;
    size_t kept = hook->said < room ? hook->said : room;
    memmove(hook->tail, hook->tail + hook->said - kept, kept);
    memcpy(hook->tail + kept, text + (size_t)size - fresh, fresh);
    hook->said = kept + fresh;
    return 1;
}

// Waits until the hook ends, and reads what it writes meanwhile; returns 0 when the time was over
// first. Children of the hook that keep its output open are not waited for.
static int wait_until(struct hook *hook, int pidfd, uint64_t timeout) {
    int64_t deadline = milliseconds() + (int64_t)(timeout > INT_MAX ? INT_MAX : timeout);
    struct pollfd fds[] = {
        {.fd = pidfd, .events = POLLIN}, {.fd = hook->pipe[0], .events = POLLIN}};
    for (;;) {
        int64_t left = timeout == 0 ? -1 : deadline - milliseconds();
        if (timeout != 0 && left < 0) {
            left = 0;
        }
        // Once the time is over only the hook's end counts, or one that never stops writing would
        // never be too late.
        int ready = poll(fds, timeout != 0 && left == 0 ? 1 : 2, (int)left);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready <= 0 || fds[0].revents != 0) {
            return ready;
        }
        if (read_output(hook) < 0) {
            fds[1].fd = -1;
        }
    }
}

// As PID 1 this process gets other children too; only the hook's own end counts.
static int reap(struct init *init, int pidfd, siginfo_t *info) {
    int ret;
    do {
        ret = waitid(P_PIDFD, (id_t)pidfd, info, WEXITED);
    } while (ret < 0 && errno == EINTR);
    return ret < 0 ? init_fail(init, SYNC_CALL_WAIT, errno, "") : 0;
}

// The path on a line of its own, then as much of the end of the output as there is room for.
static void describe(const struct hook *hook, char text[SYNC_DETAIL_SIZE]) {
    size_t path = strlen(hook->path);
    if (path > SYNC_DETAIL_SIZE - 2) {
        path = SYNC_DETAIL_SIZE - 2;
    }
    size_t room = SYNC_DETAIL_SIZE - 2 - path;
    size_t kept = hook->said < room ? hook->said : room;
    memcpy(text, hook->path, path);
    text[path] = '\n';
    memcpy(text + path + 1, hook->tail + hook->said - kept, kept);
    text[path + 1 + kept] = '\0';
    for (size_t n = 0; n < kept; n++) {
        if (text[path + 1 + n] == '\0') {
            text[path + 1 + n] = ' '; // or it would end the text
        }
    }
}

static int finish(struct init *init, const struct plan_op *op, struct hook *hook, int pidfd) {
    siginfo_t info = {0};
    int err = 0;
    close_quietly(&hook->status[1]);
    close_quietly(&hook->pipe[1]);
    ssize_t size;
    do {
        size = read(hook->status[0], &err, sizeof(err));
    } while (size < 0 && errno == EINTR);
    int ready = wait_until(hook, pidfd, op->num[1]);
    if (ready <= 0) {
        sys_pidfd_send_signal(pidfd, SIGKILL);
    }
    int ret = reap(init, pidfd, &info);
    if (ret < 0) {
        return ret;
    }
    if (size == (ssize_t)sizeof(err)) {
        return init_fail(init, SYNC_CALL_EXECVE, err, hook->path);
    }
    // A child of the hook may write without end.
    for (int n = 0; n < 64 && read_output(hook) > 0; n++) {
    }
    char text[SYNC_DETAIL_SIZE];
    describe(hook, text);
    if (ready <= 0) {
        return init_fail(init, SYNC_CALL_HOOK_TIMEOUT, ETIMEDOUT, text);
    }
    if (info.si_code != CLD_EXITED) {
        return init_fail(init, SYNC_CALL_HOOK_SIGNAL, info.si_status, text);
    }
    return info.si_status == 0 ? 0 : init_fail(init, SYNC_CALL_HOOK_EXIT, info.si_status, text);
}

int op_hook(struct init *init, const struct plan_op *op) {
    struct hook hook = {.input = -1, .status = {-1, -1}, .pipe = {-1, -1}};
    int pidfd = -1;
    int ret = prepare(init, op, &hook);
    if (ret == 0) {
        struct clone_args arguments = {
            .flags = CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
        int pid = sys_clone3(&arguments);
        if (pid == 0) {
            run_child(init, &hook);
        }
        ret = pid < 0 ? init_fail(init, SYNC_CALL_CLONE, errno, hook.path)
                      : finish(init, op, &hook, pidfd);
    }
    close_quietly(&pidfd);
    release(&hook);
    return ret;
}
