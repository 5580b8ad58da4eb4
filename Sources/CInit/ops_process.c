// The program: where it is, where it runs, and how it starts.

#include "init.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>

#include "syscalls.h"

// getcwd(2) itself, which says "(unreachable)/..." for a directory outside of the root where libc
// only says ENOENT (CVE-2024-21626).
static int check_cwd(struct init *init) {
    char path[PATH_MAX];
    long size = syscall(SYS_getcwd, path, sizeof(path));
    if (size < 0) {
        return init_fail(init, SYNC_CALL_GETCWD, errno, "");
    }
    return path[0] == '/' ? 0 : init_fail(init, SYNC_CALL_GETCWD, EXDEV, path);
}

int op_chdir(struct init *init, const struct plan_op *op) {
    const char *path = plan_text(init, op->str[0]);
    if (init->cwd_done) {
        return 0;
    }
    int flags = O_PATH | O_DIRECTORY;
    AUTOCLOSE int fd = sys_openat2(AT_FDCWD, path, (uint64_t)flags, RESOLVE_NO_MAGICLINKS);
    if (fd < 0 || fchdir(fd) < 0) {
        int err = errno;
        if (err == EACCES && (op->flags & PLAN_CHDIR_TRY) != 0) {
            return 0;
        }
        return init_fail(init, SYNC_CALL_CHDIR, err, path);
    }
    int ret = check_cwd(init);
    init->cwd_done = ret == 0;
    return ret;
}

// 0 when `path` is a file that somebody may execute; which users that are is for execve to say.
static int check_program(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0) {
        return -errno;
    }
    if (S_ISDIR(status.st_mode)) {
        return -EISDIR;
    }
    return S_ISREG(status.st_mode) && (status.st_mode & 0111) != 0 ? 0 : -EACCES;
}

// Joins one PATH element with the name; an empty element is the working directory.
static int join_program(
    char path[PATH_MAX], const char *directory, size_t length, const char *name) {
    size_t size = strlen(name) + 1;
    if (length == 0) {
        directory = ".";
        length = 1;
    }
    if (length + 1 + size > PATH_MAX) {
        return -ENAMETOOLONG;
    }
    memcpy(path, directory, length);
    path[length] = '/';
    memcpy(path + length + 1, name, size);
    return 0;
}

// execvp's rule: a match that cannot be executed is remembered while the search goes on.
static int search_program(struct init *init, const char *name, const char *search) {
    int ret = -ENOENT;
    while (*search != '\0' && *name != '\0') {
        size_t length = strcspn(search, ":");
        int found = join_program(init->program, search, length, name);
        if (found == 0) {
            found = check_program(init->program);
        }
        if (found == 0) {
            return 0;
        }
        if (found == -EACCES) {
            ret = -EACCES;
        }
        search += length;
        search += *search == ':' ? 1 : 0;
    }
    return ret;
}

int op_resolve_exec(struct init *init, const struct plan_op *op) {
    const char *name = plan_text(init, op->str[0]);
    size_t size = strlen(name) + 1;
    int ret;
    if (strchr(name, '/') == NULL) {
        ret = search_program(init, name, plan_text(init, op->str[1]));
    } else if (size > sizeof(init->program)) {
        ret = -ENAMETOOLONG;
    } else {
        memcpy(init->program, name, size);
        ret = check_program(init->program);
    }
    if (ret < 0) {
        init->program[0] = '\0';
        return init_fail(init, SYNC_CALL_CHECK, -ret, name);
    }
    return 0;
}

// Programs and hooks start with default dispositions and nothing blocked, whatever the caller had.
void reset_signals(void) {
    // The kernel's struct sigaction with SIG_DFL, no flags and an empty mask is all zeros. libc's
    // wrapper would leave out the two signals that its threads use.
    static const uint64_t action[4];
    sigset_t none;
    for (int number = 1; number < _NSIG; number++) {
        syscall(SYS_rt_sigaction, number, action, NULL, sizeof(uint64_t));
    }
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Makes everything ready that execve needs, so that EXEC is one system call, and says that it comes.
int exec_prepare(struct init *init, const struct plan_op *op) {
    uint32_t argc = (uint32_t)op->num[0];
    uint32_t envc = (uint32_t)op->num[1];
    size_t size = ((size_t)argc + envc + 3) * sizeof(char *);
    const char **lists =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (lists == MAP_FAILED) {
        return init_fail(init, SYNC_CALL_MMAP, errno, "");
    }
    const char **environment = lists + argc + 1;
    plan_list(init, op->str[0], argc, lists);
    plan_list(init, op->str[1], envc, environment);
    if (init->home[0] != '\0') {
        environment[envc] = init->home;
        environment[envc + 1] = NULL;
    }
    init->arguments = lists;
    init->environment = environment;
    umask(init->umask);
    sync_executing(init);
    reset_signals();
    return 0;
}

int op_exec(struct init *init, const struct plan_op *op) {
    int ret = init->arguments == NULL ? exec_prepare(init, op) : 0;
    if (ret < 0) {
        return ret;
    }
    const char *program = init->program[0] == '\0' ? init->arguments[0] : init->program;
    execve(program, (char **)(uintptr_t)init->arguments, (char **)(uintptr_t)init->environment);
    int err = errno;
    signal(SIGPIPE, SIG_IGN);
    return init_fail(init, SYNC_CALL_EXECVE, err, program);
}

// The end of the socket tells the parent; the status tells it from a death.
int op_done(struct init *init, const struct plan_op *op) {
    (void)init;
    (void)op;
    _exit(0);
}

// PID 1 of a namespace has no default actions: without handlers a created container could only be
// killed, not stopped.
static void end_by_signal(int number) {
    _exit(128 + number);
}

static void accept_stop_signals(void) {
    const int numbers[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        signal(numbers[i], end_by_signal);
    }
}

// Ends the conversation with `create` and waits in the fifo for `start`. The socket closes first:
// its end tells the parent that everything up to here has worked. The fifo then stays open as the
// channel for a late failure, and its end tells `start` that the program runs.
int op_wait_start(struct init *init, const struct plan_op *op) {
    char name[NUMBER_SIZE];
    AUTOCLOSE int fds = proc_fds(init);
    if (fds < 0) {
        return fds;
    }
    number_text(name, (uint64_t)plan_fd(init, op));
    accept_stop_signals();
    close(init->sync);
    init->sync = -1;
    do {
        init->fifo = openat(fds, name, O_WRONLY | O_CLOEXEC);
    } while (init->fifo < 0 && errno == EINTR);
    if (init->fifo < 0) {
        return init_fail(init, SYNC_CALL_OPENAT2, errno, "exec.fifo");
    }
    ssize_t written;
    do {
        written = write(init->fifo, "", 1);
    } while (written < 0 && errno == EINTR);
    return written < 0 ? init_fail(init, SYNC_CALL_WRITE, errno, "exec.fifo") : 0;
}
