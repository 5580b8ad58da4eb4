// Commands about the process: identity, limits, signals, children, memory.
#define _GNU_SOURCE
#include "payload.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int cmd_true(int argc, char **argv) {
    (void)argc, (void)argv;
    return 0;
}

int cmd_false(int argc, char **argv) {
    (void)argc, (void)argv;
    return 1;
}

int cmd_exit(int argc, char **argv) {
    exit((int)number(argc, argv, 1, 0));
}

int cmd_echo(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        printf("%s%s", argv[i], i + 1 < argc ? " " : "");
    printf("\n");
    return 0;
}

int cmd_env(int argc, char **argv) {
    (void)argc, (void)argv;
    for (char **entry = environ; *entry; entry++)
        printf("%s\n", *entry);
    return 0;
}

int cmd_cwd(int argc, char **argv) {
    (void)argc, (void)argv;
    char path[4096];
    if (!getcwd(path, sizeof path))
        return report("cwd", -1);
    printf("cwd=%s\n", path);
    return 0;
}

// pids: own, parent's, group's and session's.
int cmd_pids(int argc, char **argv) {
    (void)argc, (void)argv;
    printf("pid=%d\nppid=%d\npgid=%d\nsid=%d\n", getpid(), getppid(), getpgid(0), getsid(0));
    return 0;
}

int cmd_id(int argc, char **argv) {
    (void)argc, (void)argv;
    uid_t uid, euid, suid;
    gid_t gid, egid, sgid, groups[256];
    getresuid(&uid, &euid, &suid);
    getresgid(&gid, &egid, &sgid);
    mode_t mask = umask(0);
    umask(mask);
    printf("uid=%u,%u,%u\ngid=%u,%u,%u\ngroups=", uid, euid, suid, gid, egid, sgid);
    int count = getgroups(256, groups);
    for (int i = 0; i < count; i++)
        printf("%s%u", i ? "," : "", groups[i]);
    printf("\numask=%04o\n", mask);
    return 0;
}

// setgroups: whether the kernel lets this process change its supplementary groups.
int cmd_setgroups(int argc, char **argv) {
    (void)argc, (void)argv;
    return report("setgroups", setgroups(0, NULL));
}

static unsigned long long capability_set(const struct __user_cap_data_struct *data, int which) {
    const __u32 low[] = {data[0].effective, data[0].permitted, data[0].inheritable};
    const __u32 high[] = {data[1].effective, data[1].permitted, data[1].inheritable};
    return (unsigned long long)high[which] << 32 | low[which];
}

// caps: the five sets in hexadecimal and the no_new_privs bit, asked of the kernel without /proc.
int cmd_caps(int argc, char **argv) {
    (void)argc, (void)argv;
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    unsigned long long bounding = 0, ambient = 0;
    if (syscall(SYS_capget, &header, data) < 0)
        return report("caps", -1);
    for (unsigned long cap = 0; cap < 64; cap++) {
        if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) == 1)
            bounding |= 1ULL << cap;
        if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
            ambient |= 1ULL << cap;
    }
    printf("bounding=%llx\neffective=%llx\npermitted=%llx\ninheritable=%llx\nambient=%llx\n",
        bounding, capability_set(data, 0), capability_set(data, 1), capability_set(data, 2),
        ambient);
    printf("nnp=%d\n", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
    return 0;
}

static void print_limit(const char *name, int resource) {
    struct rlimit limit = {0, 0};
    getrlimit((__rlimit_resource_t)resource, &limit);
    printf("%s=%lld:%lld\n", name, (long long)limit.rlim_cur, (long long)limit.rlim_max);
}

// rlimits: soft:hard of every resource, -1 for infinity.
int cmd_rlimits(int argc, char **argv) {
    (void)argc, (void)argv;
#define LIMIT(name) print_limit(#name, name)
    LIMIT(RLIMIT_AS), LIMIT(RLIMIT_CORE), LIMIT(RLIMIT_CPU), LIMIT(RLIMIT_DATA);
    LIMIT(RLIMIT_FSIZE), LIMIT(RLIMIT_LOCKS), LIMIT(RLIMIT_MEMLOCK), LIMIT(RLIMIT_MSGQUEUE);
    LIMIT(RLIMIT_NICE), LIMIT(RLIMIT_NOFILE), LIMIT(RLIMIT_NPROC), LIMIT(RLIMIT_RSS);
    LIMIT(RLIMIT_RTPRIO), LIMIT(RLIMIT_RTTIME), LIMIT(RLIMIT_SIGPENDING), LIMIT(RLIMIT_STACK);
#undef LIMIT
    return 0;
}

// status [KEY...]: lines of /proc/self/status.
int cmd_status(int argc, char **argv) {
    char line[4096];
    FILE *file = fopen("/proc/self/status", "re");
    if (!file)
        return report("status", -1);
    while (fgets(line, sizeof line, file)) {
        size_t length = strcspn(line, ":");
        int wanted = argc == 1;
        for (int i = 1; i < argc; i++)
            wanted |= strlen(argv[i]) == length && strncmp(argv[i], line, length) == 0;
        if (wanted)
            printf("%s", line);
    }
    fclose(file);
    return 0;
}

int cmd_sleep(int argc, char **argv) {
    struct timespec left = {number(argc, argv, 1, 1), 0};
    nanosleep(&left, NULL);
    return 0;
}

// pause: prints `ready`, then waits for a signal that ends it.
int cmd_pause(int argc, char **argv) {
    (void)argc, (void)argv;
    printf("ready\n");
    for (;;)
        pause();
}

// trap SIGNAL [STATUS]: prints `ready`, waits for the signal, prints its name, exits. The signal is
// blocked and taken by sigtimedwait, so none is lost between the line and the wait.
int cmd_trap(int argc, char **argv) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal_number(argc > 1 ? argv[1] : "TERM"));
    sigprocmask(SIG_BLOCK, &set, NULL);
    printf("ready\n");
    struct timespec patience = {120, 0};
    int got;
    // Whoever stops and continues it, as a checkpoint does, interrupts the wait.
    do
        got = sigtimedwait(&set, NULL, &patience);
    while (got < 0 && errno == EINTR);
    printf("got=%s\n", got < 0 ? "nothing" : sigabbrev_np(got));
    return got < 0 ? 1 : (int)number(argc, argv, 2, 0);
}

// kill-self SIGNAL: as PID 1 of a pid namespace a process cannot be killed by itself, so the
// default action is taken in a plain process only.
int cmd_kill_self(int argc, char **argv) {
    int result = kill(getpid(), signal_number(argc > 1 ? argv[1] : "KILL"));
    return report("kill-self", result);
}

// fork-sleep COUNT [setsid|ignore]: COUNT children that wait for ever, the parent too.
int cmd_fork_sleep(int argc, char **argv) {
    const char *how = argc > 2 ? argv[2] : "";
    for (long left = number(argc, argv, 1, 1); left > 0; left--) {
        pid_t child = fork();
        if (child < 0)
            return report("fork", -1);
        if (child == 0) {
            if (!strcmp(how, "setsid"))
                setsid();
            for (;;)
                pause();
        }
    }
    printf("ready\n");
    for (;;)
        pause();
}

// fork-count MAX: forks until the kernel refuses; prints how many and why, then ends them.
int cmd_fork_count(int argc, char **argv) {
    long max = number(argc, argv, 1, 64), made = 0;
    int error = 0;
    pid_t children[1024];
    for (; made < max && made < 1024; made++) {
        children[made] = fork();
        if (children[made] < 0) {
            error = errno;
            break;
        }
        if (children[made] == 0) {
            for (;;)
                pause();
        }
    }
    printf("forks=%ld\nstopped=%s\n", made, error ? strerrorname_np(error) : "no");
    while (made-- > 0) {
        kill(children[made], SIGKILL);
        waitpid(children[made], NULL, 0);
    }
    return 0;
}

// memhog MIB: touches that many mebibytes.
int cmd_memhog(int argc, char **argv) {
    size_t size = (size_t)number(argc, argv, 1, 16) << 20;
    char *area = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED)
        return report("memhog", -1);
    for (size_t offset = 0; offset < size; offset += 4096)
        area[offset] = 1;
    printf("memhog=ok\n");
    return 0;
}
