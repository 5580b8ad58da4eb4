// Descriptor passing: the CMSG macros are out of Swift's reach.

#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { MAX_FDS = 8 };

ssize_t ck_send_fds(int socket, const void *bytes, size_t size, const int *fds, int count) {
    char control[CMSG_SPACE(sizeof(int) * MAX_FDS)] __attribute__((aligned(8)));
    struct iovec vector = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = size};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (count > MAX_FDS) {
        errno = E2BIG;
        return -1;
    }
    if (count > 0) {
        memset(control, 0, sizeof control);
        message.msg_control = control;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)count);
        struct cmsghdr *header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)count);
        memcpy(CMSG_DATA(header), fds, sizeof(int) * (size_t)count);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t ck_send_fd(int socket, const void *bytes, size_t size, int fd) {
    return ck_send_fds(socket, bytes, size, &fd, fd < 0 ? 0 : 1);
}

// Keeps the first descriptor of a control message and closes the rest, so that a peer cannot leave
// descriptors open in this process.
static void take_descriptors(struct msghdr *message, int *fd) {
    for (struct cmsghdr *header = CMSG_FIRSTHDR(message); header != NULL;
         header = CMSG_NXTHDR(message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count; i++) {
            int received;
            memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof received);
            if (*fd < 0) {
                *fd = received;
            } else {
                close(received);
            }
        }
    }
}

ssize_t ck_receive_fd(int socket, void *bytes, size_t size, int *fd, int flags) {
    char control[CMSG_SPACE(sizeof(int) * MAX_FDS)] __attribute__((aligned(8)));
    struct iovec vector = {.iov_base = bytes, .iov_len = size};
    struct msghdr message = {
        .msg_iov = &vector,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    *fd = -1;
    ssize_t received = recvmsg(socket, &message, flags | MSG_CMSG_CLOEXEC);
    if (received >= 0) {
        take_descriptors(&message, fd);
    }
    return received;
}

// Fills `address` with a path, through /proc/self/fd of the parent directory when it is longer than
// sun_path. Returns the directory's descriptor to close afterwards, -1 when none was needed, or -2.
static int fill_address(struct sockaddr_un *address, const char *path) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    size_t length = strlen(path);
    if (length < sizeof address->sun_path) {
        memcpy(address->sun_path, path, length + 1);
        return -1;
    }
    const char *slash = strrchr(path, '/');
    char directory[4096];
    if (slash == NULL || (size_t)(slash - path) >= sizeof directory) {
        errno = ENAMETOOLONG;
        return -2;
    }
    memcpy(directory, path, (size_t)(slash - path));
    directory[slash - path] = '\0';
    int fd = open(directory[0] == '\0' ? "/" : directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -2;
    }
    int written =
        snprintf(address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", fd, slash + 1);
    if (written < 0 || (size_t)written >= sizeof address->sun_path) {
        close(fd);
        errno = ENAMETOOLONG;
        return -2;
    }
    return fd;
}

int ck_connect_unix(const char *path, int type) {
    struct sockaddr_un address;
    int directory = fill_address(&address, path);
    if (directory == -2) {
        return -1;
    }
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        fd = -1;
    }
    int saved = errno;
    if (directory >= 0) {
        close(directory);
    }
    errno = saved;
    return fd;
}

int ck_connect_abstract(const char *name, int type) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(name);
    if (length >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(address.sun_path + 1, name, length);
    // The length counts here: NULs behind the name would be a part of it.
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length);
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, size) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        fd = -1;
    }
    return fd;
}

int ck_bind_unix(int directory, const char *name, int type) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int written =
        snprintf(address.sun_path, sizeof address.sun_path, "/proc/self/fd/%d/%s", directory, name);
    if (written < 0 || (size_t)written >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        fd = -1;
    }
    return fd;
}
