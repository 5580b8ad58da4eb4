// The engine's side of a terminal: what receives the pty of a detached container, and what runs a
// command in a terminal of its own.
#define _GNU_SOURCE
#include "payload.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// Does to the terminal what WORD asks: `resize=ROWSxCOLS`, `input=TEXT`, `hangup`.
static void act(int master, const char *word) {
    struct winsize size = {0};
    if (sscanf(word, "resize=%hux%hu", &size.ws_row, &size.ws_col) == 2) {
        ioctl(master, TIOCSWINSZ, &size);
    } else if (!strncmp(word, "input=", 6)) {
        // A terminal is read by lines.
        dprintf(master, "%s\n", word + 6);
    }
}

// Copies what the terminal says to `output` until it is hung up; acts once `ready` was said.
static void relay(int master, int output, const char *action) {
    char seen[8192] = "";
    size_t length = 0;
    int acted = action == NULL;
    for (;;) {
        char buffer[4096];
        ssize_t count = read(master, buffer, sizeof buffer);
        if (count <= 0)
            return;
        if (write(output, buffer, (size_t)count) != count)
            return;
        if (length + (size_t)count < sizeof seen) {
            memcpy(seen + length, buffer, (size_t)count);
            length += (size_t)count;
        }
        if (!acted && memmem(seen, length, "ready", 5)) {
            acted = 1;
            if (!strcmp(action, "hangup"))
                return;
            act(master, action);
        }
    }
}

// Receives one message; prints its payload and how many descriptors came; returns the first.
static int receive(int connection) {
    char name[256] = "", control[CMSG_SPACE(8 * sizeof(int))];
    struct iovec part = {name, sizeof name - 1};
    struct msghdr message = {.msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control};
    int master = -1;
    if (recvmsg(connection, &message, MSG_CMSG_CLOEXEC) < 0)
        return -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    size_t count = 0;
    if (header && header->cmsg_type == SCM_RIGHTS) {
        count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(&master, CMSG_DATA(header), sizeof master);
    }
    printf("name=%s\nfds=%zu\nmaster=%d\n", name, count, master >= 0 && isatty(master));
    // The sender closes the connection afterwards.
    char byte;
    printf("closed=%s\n", read(connection, &byte, 1) == 0 ? "yes" : "no");
    return master;
}

// Binds SOCKET, prints `listening` and returns the first connection, or -1.
static int accept_one(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server, (struct sockaddr *)&address, sizeof address) < 0 || listen(server, 1) < 0) {
        report("listen", -1);
        return -1;
    }
    printf("listening\n");
    return accept4(server, NULL, NULL, SOCK_CLOEXEC);
}

// descriptor SOCKET: prints `listening`, takes one descriptor, and says which process it holds.
int cmd_descriptor(int argc, char **argv) {
    char path[64], line[256];
    if (argc < 2)
        return 64;
    int connection = accept_one(argv[1]);
    int fd = connection < 0 ? -1 : receive(connection);
    if (fd < 0)
        return 1;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    FILE *info = fopen(path, "re");
    while (info && fgets(line, sizeof line, info)) {
        if (!strncmp(line, "Pid:", 4))
            printf("pid=%d\n", atoi(line + 4));
    }
    return 0;
}

// console SOCKET OUTPUT [ACTION]: prints `listening`, takes one terminal, copies it to OUTPUT.
int cmd_console(int argc, char **argv) {
    if (argc < 3)
        return 64;
    int connection = accept_one(argv[1]);
    int master = connection < 0 ? -1 : receive(connection);
    int output = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (master < 0 || output < 0)
        return 1;
    relay(master, output, argc > 3 ? argv[3] : NULL);
    printf("hangup\n");
    return 0;
}

static void run_in_terminal(int slave, char **command) {
    setsid();
    ioctl(slave, TIOCSCTTY, 0);
    dup2(slave, STDIN_FILENO);
    dup2(slave, STDOUT_FILENO);
    dup2(slave, STDERR_FILENO);
    close(slave);
    signal(SIGHUP, SIG_DFL);
    execvp(command[0], command);
    perror(command[0]);
    _exit(127);
}

// pty ROWSxCOLS ACTION|- COMMAND...: runs COMMAND in a new terminal, copies what it says, returns
// its status.
int cmd_pty(int argc, char **argv) {
    struct winsize size = {0};
    if (argc < 4)
        return 64;
    sscanf(argv[1], "%hux%hu", &size.ws_row, &size.ws_col);
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        return report("pty", -1);
    int slave = open(ptsname(master), O_RDWR | O_NOCTTY);
    ioctl(master, TIOCSWINSZ, &size);
    pid_t child = fork();
    if (child == 0)
        run_in_terminal(slave, argv + 3);
    close(slave);
    relay(master, STDOUT_FILENO, strcmp(argv[2], "-") ? argv[2] : NULL);
    if (!strcmp(argv[2], "hangup"))
        close(master);
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
