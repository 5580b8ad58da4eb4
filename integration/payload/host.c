// Commands that a test runs on the host or as a hook: the runner's reaper, hooks that record what
// they saw, and the attackers of the security tests.
#define _GNU_SOURCE
#include "payload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void nap(void) {
    struct timespec pause = {0, 5 * 1000 * 1000};
    nanosleep(&pause, NULL);
}

// Calls `visit` for each child of this process that is not a zombie; returns how many.
static int each_child(void (*visit)(pid_t child)) {
    char path[64];
    pid_t child;
    int count = 0;
    snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
    FILE *file = fopen(path, "re");
    while (file && fscanf(file, "%d", &child) == 1) {
        visit(child);
        count++;
    }
    if (file)
        fclose(file);
    return count;
}

static void kill_child(pid_t child) {
    kill(child, SIGKILL);
}

static void name_child(pid_t child) {
    char path[64], line[256] = "";
    snprintf(path, sizeof path, "/proc/%d/cmdline", child);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t count = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
    for (ssize_t i = 0; i + 1 < count; i++)
        line[i] = line[i] ? line[i] : ' ';
    fprintf(stderr, "residue: process %d (%s)\n", child, line);
    if (fd >= 0)
        close(fd);
}

// Kills what is left until there is no descendant; they come to us because we are the subreaper.
static void kill_everything(void) {
    double deadline = now() + 10;
    while (now() < deadline) {
        each_child(kill_child);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD)
            return;
        nap();
    }
}

static volatile sig_atomic_t asked_to_stop;

static void stop(int signal) {
    asked_to_stop = signal;
}

static pid_t start(char **command) {
    pid_t child = fork();
    if (child == 0) {
        // A test sends these. Who starts the suite in the background or with nohup ignores some.
        for (int i = SIGHUP; i <= SIGTERM; i++)
            signal(i, SIG_DFL);
        if (unshare(CLONE_NEWNS) < 0 || mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0
            || mount("", "/", "", MS_REC | MS_SHARED, NULL) < 0)
            perror("reap: private mount namespace");
        // What our caller has open by mistake is not to be taken for a leak of the runtime.
        syscall(SYS_close_range, 3, ~0U, 0);
        execvp(command[0], command);
        perror(command[0]);
        _exit(127);
    }
    return child;
}

// reap SECONDS COMMAND...: runs COMMAND as a subreaper, in a mount namespace of its own whose
// mounts are shared among themselves (what a container leaks becomes visible). Returns its status,
// 124 when the time is over, and 98 when it left a process behind. Nothing outlives this command.
int cmd_reap(int argc, char **argv) {
    if (argc < 3)
        return 64;
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    double deadline = now() + (double)number(argc, argv, 1, 30);
    pid_t child = start(argv + 2), ended;
    int status = 0;
    for (;;) {
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0 && ended != child)
            ;
        if (ended == child || asked_to_stop || now() > deadline)
            break;
        nap();
    }
    if (ended != child) {
        fprintf(stderr, "reap: %s\n", asked_to_stop ? "interrupted" : "out of time");
        each_child(name_child);
        kill_everything();
        return 124;
    }
    // A process that has just been killed needs a moment to be reaped.
    for (double patience = now() + 1; now() < patience; nap()) {
        if (waitpid(-1, NULL, WNOHANG) < 0)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }
    each_child(name_child);
    kill_everything();
    return 98;
}

// Sends what `body` prints to DIR/NAME.SUFFIX. Standard output is not put back: no descriptor of
// ours may be in the way of the census.
static void record(const char *dir, const char *name, const char *suffix, int (*body)(int, char **),
    int argc, char **argv) {
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.%s", dir, name, suffix);
    fflush(stdout);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return;
    dup2(fd, STDOUT_FILENO);
    close(fd);
    body(argc, argv);
    fflush(stdout);
}

static int print_arguments(int argc, char **argv) {
    for (int i = 0; i < argc; i++)
        printf("%s\n", argv[i]);
    return 0;
}

// hook DIR NAME [sleep N | exit N | command...]: records in DIR what the hook NAME got and where it
// ran (NAME.state, .ns, .env, .args, .cwd, .fds, .root), appends NAME to DIR/order, then does what
// is asked.
int cmd_hook(int argc, char **argv) {
    char path[PATH_MAX], *root[] = {"ls", "/"};
    if (argc < 3)
        return 64;
    const char *dir = argv[1], *name = argv[2];
    record(dir, name, "state", cmd_cat, 1, argv);
    record(dir, name, "ns", cmd_ns, 1, argv);
    record(dir, name, "env", cmd_env, 1, argv);
    record(dir, name, "cwd", cmd_cwd, 1, argv);
    record(dir, name, "fds", cmd_fds, 1, argv);
    record(dir, name, "id", cmd_id, 1, argv);
    record(dir, name, "root", cmd_ls, 2, root);
    record(dir, name, "args", print_arguments, argc - 1, argv + 1);
    snprintf(path, sizeof path, "%s/order", dir);
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd >= 0) {
        dprintf(fd, "%s\n", name);
        close(fd);
    }
    if (argc > 4 && !strcmp(argv[3], "sleep"))
        return cmd_sleep(argc - 3, argv + 3);
    if (argc > 4 && !strcmp(argv[3], "exit")) {
        fprintf(stderr, "hook %s says no\n", name);
        return atoi(argv[4]);
    }
    return 0;
}

// swap A B SECONDS: exchanges two entries without a pause (CVE-2021-30465 and its kin).
int cmd_swap(int argc, char **argv) {
    if (argc < 3)
        return 64;
    long count = 0;
    for (double deadline = now() + (double)number(argc, argv, 3, 5); now() < deadline; count++) {
        if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0 && count == 0)
            return report("swap", -1);
    }
    printf("swaps=%ld\n", count);
    return 0;
}

// Tries to get a writable descriptor of what a process runs; returns 1 when that succeeds.
static int attack(const char *pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    int handle = open(path, O_PATH | O_CLOEXEC);
    if (handle < 0)
        return 0;
    char again[64], name[PATH_MAX] = "";
    snprintf(again, sizeof again, "/proc/self/fd/%d", handle);
    ssize_t length = readlink(again, name, sizeof name - 1);
    // The payload itself is the attacker's own file.
    int own = length < 0 || strstr(name, "payload") != NULL;
    int hit = 0;
    for (int round = 0; !own && round < 2000; round++) {
        int fd = open(again, O_WRONLY | O_CLOEXEC);
        if (fd < 0 && errno != ETXTBSY)
            break;
        if (fd < 0)
            continue;
        // A memfd opens, and refuses the write when it is sealed. Nothing is written here.
        int seals = fcntl(fd, F_GET_SEALS);
        hit = seals < 0 || !(seals & F_SEAL_WRITE);
        if (hit)
            printf("writable=%s\n", name);
        close(fd);
        break;
    }
    close(handle);
    return hit;
}

// exe-attack SECONDS: looks for the program of the runtime among the processes that it can see, and
// tries to open it for writing while it runs and after (CVE-2019-5736).
int cmd_exe_attack(int argc, char **argv) {
    int hits = 0;
    long seen = 0;
    for (double deadline = now() + (double)number(argc, argv, 1, 2); now() < deadline && !hits;) {
        DIR *dir = opendir("/proc");
        for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
            if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') {
                seen++;
                hits += attack(entry->d_name);
            }
        }
        if (dir)
            closedir(dir);
    }
    printf("seen=%s\nhits=%d\n", seen ? "some" : "none", hits);
    return hits ? 1 : 0;
}

// Looks into a process that is not the payload; counts refusals and what could be read.
static void look(const char *pid, long *denied, long *reached) {
    char path[64], name[PATH_MAX] = "";
    snprintf(path, sizeof path, "/proc/%s/exe", pid);
    ssize_t length = readlink(path, name, sizeof name - 1);
    if (length < 0) {
        *denied += errno == EACCES;
        return;
    }
    if (strstr(name, "payload"))
        return;
    *reached += 1;
    printf("reached=%s\n", name);
}

// fd-attack SECONDS: looks for processes of the runtime whose descriptors it can see
// (CVE-2016-9962).
int cmd_fd_attack(int argc, char **argv) {
    long denied = 0, reached = 0;
    for (double deadline = now() + (double)number(argc, argv, 1, 2); now() < deadline;) {
        DIR *dir = opendir("/proc");
        for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
            if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
                look(entry->d_name, &denied, &reached);
        }
        if (dir)
            closedir(dir);
    }
    printf("denied=%s\nhits=%ld\n", denied ? "some" : "none", reached);
    return reached ? 1 : 0;
}
