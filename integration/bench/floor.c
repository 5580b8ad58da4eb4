// The least that the kernel lets a container cost: new pid, mount, uts, ipc, network and cgroup
// namespaces, the mounts of the default configuration, pivot_root and the execution of a program,
// with a cgroup in every hierarchy of version 1 made, entered and removed.
//
//   floor ROOTFS PROGRAM [CGROUP...]     CGROUP: a directory to make, /sys/fs/cgroup/HIERARCHY/NAME
//
// It checks nothing, hides nothing and drops no privilege. Built static by `run`.

#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what) {
    perror(what);
    _exit(1);
}

static void must(int result, const char *what) {
    if (result < 0) {
        die(what);
    }
}

// Mounts the hierarchy of a cgroup, which is named like its directory.
static void mount_hierarchy(const char *cgroup, unsigned long flags) {
    char name[64];
    char target[128];
    char options[80];
    must(sscanf(cgroup, "/sys/fs/cgroup/%63[^/]", name) - 1, cgroup);
    snprintf(target, sizeof(target), "sys/fs/cgroup/%s", name);
    must(mkdir(target, 0755), target);
    snprintf(options, sizeof(options), strcmp(name, "systemd") == 0 ? "none,name=%s" : "%s", name);
    must(mount("cgroup", target, "cgroup", flags, options), target);
}

// The mounts of the default configuration, in its order; the place is below the rootfs.
static void mount_all(char **cgroups) {
    const unsigned long safe = MS_NOSUID | MS_NOEXEC | MS_NODEV;
    must(mount("proc", "proc", "proc", 0, NULL), "proc");
    must(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"), "dev");
    must(mkdir("dev/pts", 0755), "dev/pts");
    must(mkdir("dev/shm", 0755), "dev/shm");
    must(mkdir("dev/mqueue", 0755), "dev/mqueue");
    must(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
             "newinstance,ptmxmode=0666,mode=0620,gid=5"),
        "dev/pts");
    must(mount("shm", "dev/shm", "tmpfs", safe, "mode=1777,size=65536k"), "dev/shm");
    must(mount("mqueue", "dev/mqueue", "mqueue", safe, NULL), "dev/mqueue");
    must(mount("sysfs", "sys", "sysfs", safe | MS_RDONLY, NULL), "sys");
    must(mount("tmpfs", "sys/fs/cgroup", "tmpfs", safe, "mode=755"), "sys/fs/cgroup");
    for (; *cgroups != NULL; cgroups++) {
        mount_hierarchy(*cgroups, safe | MS_RDONLY);
    }
}

// A new cpuset holds nothing, not even a processor to run on: it gets its parent's.
static void fill_cpuset(const char *cgroup, const char *file) {
    char path[4096];
    char text[256];
    snprintf(path, sizeof(path), "%s/../%s", cgroup, file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, text, sizeof(text));
    must((int)size, path);
    close(fd);
    snprintf(path, sizeof(path), "%s/%s", cgroup, file);
    fd = open(path, O_WRONLY | O_CLOEXEC);
    must((int)write(fd, text, (size_t)size), path);
    close(fd);
}

static void make_cgroup(const char *cgroup) {
    must(mkdir(cgroup, 0755), cgroup);
    if (strstr(cgroup, "/cpuset/") != NULL) {
        fill_cpuset(cgroup, "cpuset.cpus");
        fill_cpuset(cgroup, "cpuset.mems");
    }
}

// A thread moves itself through `tasks`: moving another process by `cgroup.procs` waits for a grace
// period of RCU.
static void enter(const char *cgroup) {
    char path[4096];
    snprintf(path, sizeof(path), "%s/tasks", cgroup);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    must(fd, path);
    must((int)write(fd, "0", 1), path);
    close(fd);
}

static void container(const char *rootfs, char **program, char **cgroups) {
    for (char **cgroup = cgroups; *cgroup != NULL; cgroup++) {
        enter(*cgroup);
    }
    must(unshare(CLONE_NEWCGROUP), "unshare");
    must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "slave");
    must(mount(rootfs, rootfs, NULL, MS_BIND | MS_REC, NULL), "bind");
    must(chdir(rootfs), "chdir");
    mount_all(cgroups);
    must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
    must(umount2(".", MNT_DETACH), "umount");
    must(chdir("/"), "chdir");
    must(sethostname("floor", 5), "sethostname");
    execv(program[0], program);
    die("execv");
}

int main(int argc, char **argv) {
    if (argc < 3) {
        fprintf(stderr, "usage: floor ROOTFS PROGRAM [CGROUP...]\n");
        return 2;
    }
    int status;
    for (int i = 3; i < argc; i++) {
        make_cgroup(argv[i]);
    }
    struct clone_args args = {
        .flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET,
        .exit_signal = SIGCHLD,
    };
    pid_t pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
    must(pid, "clone3");
    if (pid == 0) {
        container(argv[1], (char *[]){argv[2], NULL}, argv + 3);
    }
    must(waitpid(pid, &status, 0), "waitpid");
    for (int i = 3; i < argc; i++) {
        must(rmdir(argv[i]), argv[i]);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
