// Commands about namespaces, clocks, scheduling, keys, the network and the terminal.
#define _GNU_SOURCE
#include "payload.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

// ns: the identity of every namespace of this process.
int cmd_ns(int argc, char **argv) {
    static const char *const names[] = {
        "cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
    (void)argc, (void)argv;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[64], target[PATH_MAX];
        snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
        ssize_t length = readlink(path, target, sizeof target - 1);
        if (length < 0) {
            report(names[i], -1);
            continue;
        }
        target[length] = 0;
        printf("%s=%s\n", names[i], target);
    }
    return 0;
}

int cmd_hostname(int argc, char **argv) {
    (void)argc, (void)argv;
    struct utsname names;
    uname(&names);
    printf("hostname=%s\ndomainname=%s\nmachine=%s\n", names.nodename, names.domainname,
        names.machine);
    return 0;
}

// sysctl NAME...: kernel.msgmax reads /proc/sys/kernel/msgmax.
int cmd_sysctl(int argc, char **argv) {
    int status = 0;
    for (int i = 1; i < argc; i++) {
        char path[PATH_MAX], value[256];
        snprintf(path, sizeof path, "/proc/sys/%s", argv[i]);
        for (char *dot = path; (dot = strchr(dot, '.')) != NULL;)
            *dot = '/';
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        ssize_t count = fd < 0 ? -1 : read(fd, value, sizeof value - 1);
        if (count < 0) {
            status = report(argv[i], -1);
            continue;
        }
        value[count] = 0;
        value[strcspn(value, "\n")] = 0;
        printf("%s=%s\n", argv[i], value);
        close(fd);
    }
    return status;
}

// clock: whole seconds of the clocks that a time namespace shifts.
int cmd_clock(int argc, char **argv) {
    (void)argc, (void)argv;
    struct timespec monotonic, boottime;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_BOOTTIME, &boottime);
    printf("monotonic=%ld\nboottime=%ld\n", (long)monotonic.tv_sec, (long)boottime.tv_sec);
    return 0;
}

// keyring: the session keyring's serial number and description.
int cmd_keyring(int argc, char **argv) {
    (void)argc, (void)argv;
    char description[512] = "";
    long serial = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
    if (serial < 0)
        return report("keyring", -1);
    long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, serial, description, sizeof description - 1);
    printf("serial=%ld\nkeyring=%s\n", serial, length < 0 ? strerrorname_np(errno) : description);
    return 0;
}

int cmd_loopback(int argc, char **argv) {
    (void)argc, (void)argv;
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    strcpy(request.ifr_name, "lo");
    if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) < 0)
        return report("loopback", -1);
    printf("loopback=%s\n", request.ifr_flags & IFF_UP ? "up" : "down");
    close(fd);
    return 0;
}

struct sched_attributes {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
};

// sched: policy number, nice value, priority, flags and the processors that may be used.
int cmd_sched(int argc, char **argv) {
    (void)argc, (void)argv;
    struct sched_attributes attributes = {.size = sizeof attributes};
    if (syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) < 0)
        return report("sched", -1);
    printf("policy=%u\nnice=%d\npriority=%u\nflags=%llu\n", attributes.policy, attributes.nice,
        attributes.priority, (unsigned long long)attributes.flags);
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    printf("cpus=");
    for (int cpu = 0, first = 1; cpu < CPU_SETSIZE; cpu++) {
        if (CPU_ISSET(cpu, &set)) {
            printf("%s%d", first ? "" : ",", cpu);
            first = 0;
        }
    }
    printf("\n");
    return 0;
}

int cmd_ioprio(int argc, char **argv) {
    (void)argc, (void)argv;
    long value = syscall(SYS_ioprio_get, 1, 0);
    if (value < 0)
        return report("ioprio", -1);
    printf("ioprio=%ld:%ld\n", value >> 13, value & 0x1fff);
    return 0;
}

int cmd_personality(int argc, char **argv) {
    (void)argc, (void)argv;
    printf("personality=0x%x\n", (unsigned)personality(0xffffffff));
    return 0;
}

static void print_size(int fd) {
    struct winsize size = {0};
    ioctl(fd, TIOCGWINSZ, &size);
    printf("rows=%u\ncols=%u\n", size.ws_row, size.ws_col);
}

// tty: whether 0, 1 and 2 are terminals, which one, its size, its output flags, the session.
int cmd_tty(int argc, char **argv) {
    (void)argc, (void)argv;
    struct termios attributes = {0};
    printf("isatty=%d%d%d\n", isatty(0), isatty(1), isatty(2));
    const char *name = ttyname(0);
    printf("tty=%s\n", name ? name : strerrorname_np(errno));
    print_size(0);
    if (tcgetattr(0, &attributes) == 0) {
        printf("onlcr=%d\n", (attributes.c_oflag & OPOST) && (attributes.c_oflag & ONLCR));
        printf("echo=%d\n", attributes.c_lflag & ECHO ? 1 : 0);
    }
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    printf("controlling=%s\n", fd < 0 ? strerrorname_np(errno) : "yes");
    printf("foreground=%d\n", tcgetpgrp(0) == getpgid(0));
    return 0;
}

// winch: prints `ready`, then the size after the next SIGWINCH.
int cmd_winch(int argc, char **argv) {
    (void)argc, (void)argv;
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGWINCH);
    sigprocmask(SIG_BLOCK, &set, NULL);
    printf("ready\n");
    struct timespec patience = {10, 0};
    int got = sigtimedwait(&set, NULL, &patience);
    printf("got=%s\n", got < 0 ? "nothing" : "WINCH");
    print_size(0);
    return got < 0;
}
