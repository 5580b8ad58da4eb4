// Both ends of sd_notify(3): the program in the container and the service manager on the host.

#define _GNU_SOURCE
#include "payload.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

// The length of the address, in which `@` stands for the NUL of an abstract name.
static socklen_t fill(struct sockaddr_un *address, const char *name) {
    address->sun_family = AF_UNIX;
    snprintf(address->sun_path, sizeof address->sun_path, "%s", name);
    size_t length = strlen(address->sun_path);
    if (name[0] == '@') {
        address->sun_path[0] = '\0';
        return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    }
    return sizeof *address;
}

// notify MESSAGE...: sends each to $NOTIFY_SOCKET.
int cmd_notify(int argc, char **argv) {
    struct sockaddr_un address = {0};
    const char *name = getenv("NOTIFY_SOCKET");
    if (!name) {
        printf("notify=none\n");
        return 1;
    }
    socklen_t size = fill(&address, name);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    for (int i = 1; i < argc; i++) {
        ssize_t sent = sendto(fd, argv[i], strlen(argv[i]), 0, (struct sockaddr *)&address, size);
        if (report("notify", sent))
            return 1;
    }
    close(fd);
    return 0;
}

static void show(const char *text, ssize_t size, int has_descriptor) {
    printf("message=");
    for (ssize_t i = 0; i < size; i++)
        putchar(text[i] == '\n' ? '|' : text[i]);
    printf("%s\n", has_descriptor ? " with descriptor" : "");
    fflush(stdout);
}

// manager SOCKET: prints `listening` and each message; descriptors are closed once it is printed.
int cmd_manager(int argc, char **argv) {
    struct sockaddr_un address = {0};
    char text[4096], control[CMSG_SPACE(sizeof(int))];
    if (argc < 2)
        return 64;
    socklen_t size = fill(&address, argv[1]);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(fd, (struct sockaddr *)&address, size) < 0)
        return report("bind", -1);
    printf("listening\n");
    fflush(stdout);
    for (;;) {
        struct iovec vector = {.iov_base = text, .iov_len = sizeof text};
        struct msghdr message = {.msg_iov = &vector,
            .msg_iovlen = 1,
            .msg_control = control,
            .msg_controllen = sizeof control};
        ssize_t received = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
        if (received < 0)
            return report("recvmsg", -1);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        show(text, received, header != NULL);
        if (header && header->cmsg_type == SCM_RIGHTS) {
            int passed;
            memcpy(&passed, CMSG_DATA(header), sizeof passed);
            close(passed);
        }
    }
}
