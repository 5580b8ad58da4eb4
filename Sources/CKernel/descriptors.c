// Descriptors that are no files, and calls on them that libc declares for C alone.

#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
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
    // A SIGPIPE of its own only says what write(2) has said already.
    do {
        ssize_t count = read(fd, &info, sizeof info);
        if (count < 0) {
            return -1;
        }
        if (count != (ssize_t)sizeof info) {
            errno = EIO;
            return -1;
        }
    } while (info.ssi_signo == SIGPIPE && info.ssi_pid == (uint32_t)getpid());
    return (int)info.ssi_signo;
}

int ck_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int ck_inotify(void) {
    return inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
}

int ck_inotify_add_watch(int fd, const char *path, uint32_t mask) {
    return inotify_add_watch(fd, path, mask);
}

// struct pidfd_info of linux/pidfd.h, first version, which older headers do not have.
struct pidfd_info {
    uint64_t mask;
    uint64_t cgroupid;
    uint32_t ids[11];
    int32_t exit_code;
};

#define PIDFD_GET_INFO _IOWR(0xff, 11, struct pidfd_info)
#define PIDFD_INFO_EXIT 8u

int ck_pidfd_exit_code(int pidfd, int *code) {
    struct pidfd_info info = {.mask = PIDFD_INFO_EXIT};
    _Static_assert(sizeof(info) == 64, "kernel interface");
    if (ioctl(pidfd, PIDFD_GET_INFO, &info) < 0) {
        return -1;
    }
    if ((info.mask & PIDFD_INFO_EXIT) == 0) {
        errno = ENODATA;
        return -1;
    }
    *code = info.exit_code;
    return 0;
}
