// Commands about system call filters: what a call gets, and the agent that answers notifications.
#define _GNU_SOURCE
#include "payload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct {
    const char *name;
    long number;
} calls[] = {
#define ROW(name)                                                                                  \
    { #name, SYS_##name }
    ROW(bpf),
    ROW(clone),
    ROW(close),
    ROW(execve),
    ROW(getcwd),
    ROW(getpgrp),
    ROW(getpid),
    ROW(getppid),
    ROW(gettid),
    ROW(getuid),
    ROW(kexec_load),
    ROW(keyctl),
    ROW(mount),
    ROW(personality),
    ROW(prctl),
    ROW(reboot),
    ROW(recvfrom),
    ROW(sched_yield),
    ROW(sendmsg),
    ROW(sendto),
    ROW(setgid),
    ROW(setuid),
    ROW(sethostname),
    ROW(socket),
    ROW(sync),
    ROW(syslog),
    ROW(umask),
    ROW(uname),
    ROW(unshare),
    ROW(write),
#undef ROW
};

static long call_number(const char *name) {
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (!strcmp(calls[i].name, name))
            return calls[i].number;
    }
    return strtol(name, NULL, 0);
}

static const char *call_name(long number, char text[24]) {
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        if (calls[i].number == number)
            return calls[i].name;
    }
    snprintf(text, 24, "%ld", number);
    return text;
}

// Makes the call of argv[first] with the numbers behind it.
static long make_call(int argc, char **argv, int first) {
    unsigned long a[6];
    for (int i = 0; i < 6; i++)
        a[i] = first + 1 + i < argc ? strtoul(argv[first + 1 + i], NULL, 0) : 0;
    return syscall(call_number(argv[first]), a[0], a[1], a[2], a[3], a[4], a[5]);
}

// call NAME|NUMBER [ARGUMENT...]: prints what the call returns, or its errno.
int cmd_call(int argc, char **argv) {
    if (argc < 2)
        return 64;
    long result = make_call(argc, argv, 1);
    if (result < 0)
        return report(argv[1], result);
    printf("%s=%ld\n", argv[1], result);
    return 0;
}

// call32 NUMBER: the same by the entrance for 32-bit programs, in a child: prints the result, or the
// signal that ended it. A filter sees another architecture there.
int cmd_call32(int argc, char **argv) {
#ifdef __x86_64__
    int status = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        long result = number(argc, argv, 1, 0);
        __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
        if ((int)result < 0)
            printf("call32=%s\n", strerrorname_np(-(int)result));
        else
            printf("call32=ok\n");
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status))
        printf("call32=SIG%s\n", sigabbrev_np(WTERMSIG(status)));
#else
    (void)argc, (void)argv;
    printf("call32=none\n");
#endif
    return 0;
}

static void print_ending(const char *key, int status) {
    if (WIFSIGNALED(status))
        printf("%s=SIG%s\n", key, sigabbrev_np(WTERMSIG(status)));
    else
        printf("%s=%d\n", key, WEXITSTATUS(status));
}

// child-call NAME [ARGUMENT...]: a child makes the call; prints how it ended: a signal, or 0.
int cmd_child_call(int argc, char **argv) {
    int status = 0;
    if (argc < 2)
        return 64;
    fflush(stdout);
    pid_t child = fork();
    if (child < 0)
        return report("fork", -1);
    if (child == 0) {
        make_call(argc, argv, 1);
        _exit(0);
    }
    waitpid(child, &status, 0);
    print_ending("child", status);
    return 0;
}

static void *thread_body(void *arguments) {
    char **argv = arguments;
    make_call(2, argv, 1);
    return NULL;
}

// How many threads this process has.
static int count_threads(void) {
    char line[256];
    int count = 0;
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        sscanf(line, "Threads: %d", &count);
    if (file)
        fclose(file);
    return count;
}

// thread-call NAME: a child with two threads, of which one makes the call and the other one counts
// afterwards; prints `threads=N`, and how the child ended.
int cmd_thread_call(int argc, char **argv) {
    int status = 0;
    if (argc < 2)
        return 64;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        pthread_t thread;
        struct timespec pause = {0, 20 * 1000 * 1000};
        pthread_create(&thread, NULL, thread_body, argv);
        for (int round = 0; round < 100 && count_threads() > 1; round++)
            nanosleep(&pause, NULL);
        printf("threads=%d\n", count_threads());
        fflush(stdout);
        _exit(0);
    }
    waitpid(child, &status, 0);
    print_ending("child", status);
    return 0;
}

static volatile sig_atomic_t trap_code, trap_call, trap_errno;

static void on_sigsys(int signal, siginfo_t *info, void *context) {
    (void)signal, (void)context;
    trap_code = info->si_code;
    trap_call = info->si_syscall;
    trap_errno = info->si_errno;
}

// trap-call NAME: the call with a handler of SIGSYS; prints what the handler got.
int cmd_trap_call(int argc, char **argv) {
    char text[24];
    struct sigaction action = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
    if (argc < 2)
        return 64;
    sigaction(SIGSYS, &action, NULL);
    make_call(argc, argv, 1);
    // SYS_SECCOMP
    printf("trap=%s\n", trap_code == 1 ? call_name(trap_call, text) : "none");
    return 0;
}

// trace-call NAME: a traced child makes the call; prints the message that the tracer gets.
int cmd_trace_call(int argc, char **argv) {
    unsigned long message = 0;
    int status = 0;
    if (argc < 2)
        return 64;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        raise(SIGSTOP);
        make_call(argc, argv, 1);
        _exit(0);
    }
    waitpid(child, &status, 0);
    ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL);
    ptrace(PTRACE_CONT, child, NULL, NULL);
    waitpid(child, &status, 0);
    if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8))
        ptrace(PTRACE_GETEVENTMSG, child, NULL, &message);
    printf("message=%lu\n", message);
    ptrace(PTRACE_CONT, child, NULL, NULL);
    waitpid(child, &status, 0);
    print_ending("child", status);
    return 0;
}

// --- The agent --------------------------------------------------------------------------------

static int listen_on(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (strlen(path) >= sizeof address.sun_path)
        return -1;
    strcpy(address.sun_path, path);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 8) < 0)
        return -1;
    return listener;
}

// Takes one message with its descriptors.
static int receive(int connection, char *text, size_t size, int *descriptors) {
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(8 * sizeof(int))];
    } control;
    struct iovec part = {text, size - 1};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = &control,
        .msg_controllen = sizeof control.space};
    int fd = -1;
    ssize_t count = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
    text[count < 0 ? 0 : count] = '\0';
    *descriptors = 0;
    struct cmsghdr *header = count < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_type == SCM_RIGHTS) {
        *descriptors = (int)((header->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        memcpy(&fd, CMSG_DATA(header), sizeof fd);
    }
    return fd;
}

// The answer to a call: what `RULES` (NAME=continue, NAME=VALUE or NAME=-ERRNO) say.
static void answer(const struct seccomp_notif *request, struct seccomp_notif_resp *response,
    int argc, char **argv) {
    char text[24];
    const char *name = call_name(request->data.nr, text), *rule = "continue";
    size_t length = strlen(name);
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], name, length) && argv[i][length] == '=')
            rule = argv[i] + length + 1;
    }
    memset(response, 0, sizeof *response);
    response->id = request->id;
    if (!strcmp(rule, "continue"))
        response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
    else if (rule[0] == '-')
        response->error = atoi(rule);
    else
        response->val = atol(rule);
    printf("notified=%s %llu %s\n", name, request->data.args[0], rule);
}

// Answers until the last filtered process is gone. Meanwhile the connection must end.
static void serve(int notify, int connection, int argc, char **argv) {
    struct seccomp_notif request;
    struct seccomp_notif_resp response;
    struct pollfd wait[] = {{notify, POLLIN, 0}, {connection, POLLIN, 0}};
    while (poll(wait, 2, -1) > 0 || errno == EINTR) {
        if (wait[1].revents) {
            char byte;
            printf("end=%s\n", recv(connection, &byte, 1, 0) == 0 ? "yes" : "no");
            wait[1].fd = -1;
        }
        if (wait[0].revents & POLLIN) {
            memset(&request, 0, sizeof request);
            if (ioctl(notify, SECCOMP_IOCTL_NOTIF_RECV, &request) == 0) {
                answer(&request, &response, argc, argv);
                ioctl(notify, SECCOMP_IOCTL_NOTIF_SEND, &response);
            }
        } else if (wait[0].revents) {
            return;
        }
    }
}

// agent SOCKET FILE [RULE...]: answers the notifications of one container. Writes the message that
// came with the descriptor to FILE, prints `ready`, `fds=N`, a line for each notification, `end=yes`
// when the connection ends without more, and `done` when the container is gone.
int cmd_agent(int argc, char **argv) {
    static char text[1 << 16];
    int descriptors = 0;
    if (argc < 3)
        return 64;
    int listener = listen_on(argv[1]);
    if (listener < 0)
        return report("listen", -1);
    printf("ready\n");
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    int notify = receive(connection, text, sizeof text, &descriptors);
    int file = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    dprintf(file, "%s\n", text);
    close(file);
    printf("fds=%d\n", descriptors);
    if (notify >= 0)
        serve(notify, connection, argc - 3, argv + 3);
    printf("done\n");
    return 0;
}
