// The one place that clones a process. Swift must not run between clone and exec: the child here
// makes system calls only, touches no lock and no allocator.
//
// The child borrows the parent's memory until exec (CLONE_VM | CLONE_VFORK), which spares the copy
// of the page tables and lets it hand an errno back in a plain variable. It also runs on the
// parent's stack, below the frame that made the call; that is sound only while the frame that holds
// the system call is alive, so the call is an instruction here and not libc's function, whose
// return address the child would overwrite.

#define _GNU_SOURCE
#include "CKernel.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__x86_64__)
#define CK_SHARE_MEMORY (CLONE_VM | CLONE_VFORK)
__attribute__((always_inline)) static inline long raw_clone3(struct clone_args *args, size_t size) {
    register long number __asm__("rax") = SYS_clone3;
    register long first __asm__("rdi") = (long)args;
    register long second __asm__("rsi") = (long)size;
    __asm__ volatile("syscall" : "+r"(number) : "r"(first), "r"(second) : "rcx", "r11", "memory");
    return number;
}
#elif defined(__aarch64__)
#define CK_SHARE_MEMORY (CLONE_VM | CLONE_VFORK)
__attribute__((always_inline)) static inline long raw_clone3(struct clone_args *args, size_t size) {
    register long number __asm__("x8") = SYS_clone3;
    register long first __asm__("x0") = (long)args;
    register long second __asm__("x1") = (long)size;
    __asm__ volatile("svc #0" : "+r"(first) : "r"(number), "r"(second) : "memory");
    return first;
}
#else
#define CK_SHARE_MEMORY 0
static long raw_clone3(struct clone_args *args, size_t size) {
    long result = syscall(SYS_clone3, args, size);
    return result < 0 ? -errno : result;
}
#endif

// Moves every descriptor to its place. A source may have the number of another one's target, so
// those are copied above all targets first; the array is scratch.
static int place_descriptors(int *fds, int first, int count) {
    int end = first + count;
    for (int i = 0; i < count; i++) {
        if (fds[i] < end) {
            fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, end);
        }
        if (fds[i] < 0) {
            return errno;
        }
    }
    for (int i = 0; i < count; i++) {
        if (dup2(fds[i], first + i) < 0) {
            return errno;
        }
    }
    return 0;
}

static void reset_signals(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    for (int number = 1; number < 65; number++) {
        struct sigaction current;
        if (sigaction(number, NULL, &current) == 0 && current.sa_handler == SIG_IGN) {
            sigaction(number, &action, NULL);
        }
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static int enter_cgroups(const int *tasks, int count) {
    for (int i = 0; i < count; i++) {
        if (write(tasks[i], "0", 1) < 0) {
            return errno;
        }
    }
    return 0;
}

// What the runtime's own caller left open is no business of the new program (CVE-2024-21626); all
// that the runtime opens is close-on-exec from birth.
static int close_rest_on_exec(int first) {
    if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0) {
        return 0;
    }
    // Before Linux 5.11 one by one; a table may be huge, but not in a process that just started.
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return errno;
    }
    rlim_t end = limit.rlim_cur < 65536 ? limit.rlim_cur : 65536;
    for (int fd = first; (rlim_t)fd < end; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags >= 0 && fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0) {
            return errno;
        }
    }
    return 0;
}

// The mount must not travel to the host's namespace; the host's may travel here.
static int enter_mount(int tree, const char *target) {
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) {
        return errno;
    }
    const unsigned int from_descriptor = 0x4; // MOVE_MOUNT_F_EMPTY_PATH
    if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, from_descriptor) < 0) {
        return errno;
    }
    return 0;
}

// Runs in the child. Returns only when something failed, with the errno.
static int child_main(const struct ck_spawn *request) {
    int error = enter_cgroups(request->cgroup_tasks, request->cgroup_tasks_count);
    if (error != 0) {
        return error;
    }
    if (request->mount_tree_fd >= 0) {
        error = enter_mount(request->mount_tree_fd, request->mount_target);
        if (error != 0) {
            return error;
        }
    }
    if (request->new_session && setsid() < 0) {
        return errno;
    }
    if (request->working_directory_fd >= 0 && fchdir(request->working_directory_fd) < 0) {
        return errno;
    }
    int executable = request->executable_fd;
    int end = request->first_fd + request->fd_count;
    if (executable >= 0 && executable < end) {
        executable = fcntl(executable, F_DUPFD_CLOEXEC, end);
        if (executable < 0) {
            return errno;
        }
    }
    error = place_descriptors(request->fds, request->first_fd, request->fd_count);
    if (error != 0) {
        return error;
    }
    error = close_rest_on_exec(end);
    if (error != 0) {
        return error;
    }
    reset_signals();
    if (executable >= 0) {
        syscall(SYS_execveat, executable, "", request->argv, request->envp, AT_EMPTY_PATH);
    } else {
        execve(request->path, request->argv, request->envp);
    }
    return errno;
}

__attribute__((noinline)) static pid_t clone_and_run(
    const struct ck_spawn *request, int *pidfd, volatile int *child_error) {
    struct clone_args args = {
        .flags = request->clone_flags | CLONE_PIDFD | CK_SHARE_MEMORY,
        .pidfd = (uint64_t)(uintptr_t)pidfd,
        .exit_signal = SIGCHLD,
        .cgroup = request->cgroup_fd < 0 ? 0 : (uint64_t)request->cgroup_fd,
    };
    long result = raw_clone3(&args, sizeof args);
    if (result == 0) {
        *child_error = child_main(request);
        _exit(127);
    }
    return (pid_t)result;
}

pid_t ck_spawn_process(const struct ck_spawn *request, int *pidfd) {
    volatile int child_error = 0;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = clone_and_run(request, pidfd, &child_error);
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (pid > 0 && child_error != 0) {
        siginfo_t info;
        while (waitid(P_PID, (id_t)pid, &info, WEXITED) < 0 && errno == EINTR) {
        }
        close(*pidfd);
        *pidfd = -1;
        return -child_error;
    }
    return pid;
}
