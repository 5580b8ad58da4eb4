// Namespaces: entering one, and a process that does nothing but be in a user namespace.

#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

// Runs in the child, in a copy of the parent's memory; makes system calls only.
__attribute__((noreturn)) static void wait_to_be_killed(pid_t parent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    // The parent may have died before the line above; the child would then wait forever.
    if (getppid() != parent) {
        _exit(0);
    }
    sigset_t all;
    sigfillset(&all);
    for (;;) {
        sigsuspend(&all);
    }
}

pid_t ck_clone_user_namespace(int *pidfd) {
    pid_t parent = getpid();
    struct clone_args args = {
        .flags = CLONE_NEWUSER | CLONE_PIDFD,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
    };
    long result = syscall(SYS_clone3, &args, sizeof args);
    if (result == 0) {
        wait_to_be_killed(parent);
    }
    return result < 0 ? -errno : (pid_t)result;
}

int ck_setns(int fd, int type) {
    return setns(fd, type);
}
