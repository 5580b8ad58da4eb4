// Descriptors that are no files, and calls on them that libc declares for C alone.

#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/signalfd.h>
#include <unistd.h>

int ck_pipe(int *fds) {
    return pipe2(fds, O_CLOEXEC);
}

int ck_memfd_create(const char *name, unsigned int flags) {
    return memfd_create(name, flags);
}

ssize_t ck_sendfile(int to, int from, size_t count) {
    return sendfile(to, from, NULL, count);
}

int ck_signalfd(const sigset_t *mask) {
    return signalfd(-1, mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int ck_signalfd_next(int fd) {
    struct signalfd_siginfo info;
    ssize_t count = read(fd, &info, sizeof info);
    if (count < 0) {
        return -1;
    }
    if (count != (ssize_t)sizeof info) {
        errno = EIO;
        return -1;
    }
    return (int)info.ssi_signo;
}
