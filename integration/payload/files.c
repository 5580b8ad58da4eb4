// Commands about paths, mounts and file descriptors.
#define _GNU_SOURCE
#include "payload.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static const char *type_name(mode_t mode) {
    switch (mode & S_IFMT) {
    case S_IFREG: return "file";
    case S_IFDIR: return "dir";
    case S_IFLNK: return "link";
    case S_IFCHR: return "char";
    case S_IFBLK: return "block";
    case S_IFIFO: return "fifo";
    case S_IFSOCK: return "socket";
    default: return "unknown";
    }
}

// cat [FILE...]: standard input when there is none.
int cmd_cat(int argc, char **argv) {
    int status = 0;
    if (argc == 1)
        return copy_to_stdout(STDIN_FILENO) < 0;
    for (int i = 1; i < argc; i++) {
        int fd = open(argv[i], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || copy_to_stdout(fd) < 0)
            status = report(argv[i], -1);
        if (fd >= 0)
            close(fd);
    }
    return status;
}

static int compare_names(const struct dirent **a, const struct dirent **b) {
    return strcmp((*a)->d_name, (*b)->d_name);
}

// ls DIR: sorted names, `.` and `..` left out.
int cmd_ls(int argc, char **argv) {
    struct dirent **names;
    const char *path = argc > 1 ? argv[1] : ".";
    int count = scandir(path, &names, NULL, compare_names);
    if (count < 0)
        return report(path, -1);
    for (int i = 0; i < count; i++) {
        if (strcmp(names[i]->d_name, ".") != 0 && strcmp(names[i]->d_name, "..") != 0)
            printf("%s\n", names[i]->d_name);
    }
    return 0;
}

// fds: every open descriptor, found by trying numbers so that no /proc is needed.
int cmd_fds(int argc, char **argv) {
    (void)argc, (void)argv;
    for (int fd = 0; fd < 4096; fd++) {
        struct stat info;
        if (fstat(fd, &info) == 0)
            printf("fd=%d type=%s\n", fd, type_name(info.st_mode));
    }
    return 0;
}

static void print_contents(const char *path, const struct stat *info) {
    if (S_ISLNK(info->st_mode)) {
        char target[PATH_MAX];
        ssize_t length = readlink(path, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = 0;
        printf(" link=%s", target);
    }
    if (S_ISREG(info->st_mode) || S_ISDIR(info->st_mode)) {
        char byte;
        long count = -1;
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd >= 0 && S_ISREG(info->st_mode)) {
            count = read(fd, &byte, 1);
        } else if (fd >= 0) {
            DIR *dir = opendir(path);
            for (count = -2; dir && readdir(dir); count++)
                ;
        }
        printf(" read=%s", fd < 0 || count < -2 ? "no" : count > 0 ? "yes" : "empty");
        if (fd >= 0)
            close(fd);
    }
}

// stat PATH...: the entry itself, links not followed; `read=empty` when there is nothing in it.
int cmd_stat(int argc, char **argv) {
    int status = 0;
    for (int i = 1; i < argc; i++) {
        struct stat info;
        if (lstat(argv[i], &info) < 0) {
            status = report(argv[i], -1);
            continue;
        }
        printf("%s type=%s mode=%04o uid=%u gid=%u", argv[i], type_name(info.st_mode),
            info.st_mode & 07777, info.st_uid, info.st_gid);
        if (S_ISCHR(info.st_mode) || S_ISBLK(info.st_mode))
            printf(" rdev=%u:%u", major(info.st_rdev), minor(info.st_rdev));
        print_contents(argv[i], &info);
        printf("\n");
    }
    return status;
}

// statfs PATH...: file system magic, size in blocks and number of inodes.
int cmd_statfs(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        struct statfs info;
        if (statfs(argv[i], &info) < 0)
            return report(argv[i], -1);
        printf("%s magic=0x%lx bytes=%lu inodes=%lu\n", argv[i], (unsigned long)info.f_type,
            (unsigned long)(info.f_blocks * (unsigned long)info.f_bsize),
            (unsigned long)info.f_files);
    }
    return 0;
}

int cmd_readlink(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        char target[PATH_MAX];
        ssize_t length = readlink(argv[i], target, sizeof target - 1);
        if (length < 0)
            return report(argv[i], -1);
        target[length] = 0;
        printf("%s=%s\n", argv[i], target);
    }
    return 0;
}

// mknod PATH c|b|p MAJOR MINOR
int cmd_mknod(int argc, char **argv) {
    char type = argc > 2 ? argv[2][0] : 'c';
    mode_t mode = type == 'b' ? S_IFBLK : type == 'p' ? S_IFIFO : S_IFCHR;
    dev_t device = makedev((unsigned)number(argc, argv, 3, 0), (unsigned)number(argc, argv, 4, 0));
    return report("mknod", mknod(argv[1], mode | 0666, device));
}

// open PATH r|w|rw: opens without reading, for device rules and read-only mounts.
int cmd_open(int argc, char **argv) {
    const char *mode = argc > 2 ? argv[2] : "r";
    int flags = !strcmp(mode, "rw") ? O_RDWR : !strcmp(mode, "w") ? O_WRONLY : O_RDONLY;
    int fd = open(argv[1], flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int status = report("open", fd);
    if (fd >= 0)
        close(fd);
    return status;
}

// write FILE TEXT: creates or overwrites.
int cmd_write(int argc, char **argv) {
    const char *text = argc > 2 ? argv[2] : "";
    int fd = open(argv[1], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    ssize_t count = fd < 0 ? -1 : write(fd, text, strlen(text));
    int status = report("write", count);
    if (fd >= 0)
        close(fd);
    return status;
}

// line: waits for one line of standard input.
int cmd_line(int argc, char **argv) {
    (void)argc, (void)argv;
    char byte = 0;
    while (byte != '\n' && read(STDIN_FILENO, &byte, 1) == 1)
        ;
    return byte != '\n';
}

int cmd_readfd(int argc, char **argv) {
    return copy_to_stdout((int)number(argc, argv, 1, 0)) < 0 ? report("readfd", -1) : 0;
}

// writefd FD TEXT
int cmd_writefd(int argc, char **argv) {
    const char *text = argc > 2 ? argv[2] : "";
    ssize_t count = write((int)number(argc, argv, 1, 1), text, strlen(text));
    return count < 0 ? report("writefd", -1) : 0;
}

// mount SOURCE TARGET TYPE [DATA], or mount --remount-rw TARGET: what a payload can undo.
int cmd_mount(int argc, char **argv) {
    if (argc > 2 && !strcmp(argv[1], "--remount-rw"))
        return report("mount", mount(NULL, argv[2], NULL, MS_REMOUNT | MS_BIND, NULL));
    if (argc < 4)
        return 64;
    return report("mount", mount(argv[1], argv[2], argv[3], 0, argc > 4 ? argv[4] : NULL));
}

int cmd_mountinfo(int argc, char **argv) {
    (void)argc, (void)argv;
    int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return report("mountinfo", -1);
    return copy_to_stdout(fd) < 0;
}
