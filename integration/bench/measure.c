// Runs commands again and again and says what each one cost.
//
//   measure ROUNDS < script > results
//
// A line of the script is FLAGS, LABEL and the words of a command, separated by tabs. An empty line
// ends a group: every round runs all groups and begins with another one, so that no command always
// follows the same one. Lines before `begin` run once, first; lines after `end` once, at last.
//
//   FLAGS   p: by the worker whose mount namespace hides the controllers of cgroup version 2
//           w: then wait, untimed, for the container's process, which the command has left behind
//           -: neither
//   result  LABEL, nanoseconds, peak memory in kB (of the command and what it waited for)
//
// Commands are started by vfork from a small process: neither its size nor its memory counts.

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_LINES = 256, MAX_WORDS = 32 };

struct line {
    const char *flags;
    const char *label;
    char *words[MAX_WORDS];
    int group;
};

struct result {
    int64_t nanoseconds;
    long memory;
    int status;
};

struct worker {
    int request;
    int reply;
};

static struct line lines[MAX_LINES];
static int line_count;
static int first_round_line;
static int last_round_line;
static int group_count;
static struct worker workers[2];

static void die(const char *what) {
    fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
    exit(2);
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// One orphan, and whatever else has ended.
static void reap_orphan(void) {
    alarm(30);
    if (waitpid(-1, NULL, 0) < 0) {
        die("no process was left behind");
    }
    alarm(0);
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

static struct result run_command(const struct line *line) {
    struct result result = {0};
    struct rusage usage;
    int64_t begin = now();
    pid_t pid = vfork();
    if (pid == 0) {
        execv(line->words[0], line->words);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &result.status, 0, &usage) != pid) {
        die(line->words[0]);
    }
    result.nanoseconds = now() - begin;
    result.memory = usage.ru_maxrss;
    if (strchr(line->flags, 'w') != NULL && result.status == 0) {
        reap_orphan();
    }
    return result;
}

static void hide_controllers(void) {
    const char *file = "/sys/fs/cgroup/unified/cgroup.controllers";
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        die("private mount namespace");
    }
    if (access(file, F_OK) == 0 && mount("/dev/null", file, NULL, MS_BIND, NULL) < 0) {
        die(file);
    }
}

static struct worker start_worker(int hides) {
    int request[2];
    int reply[2];
    int index;
    if (pipe2(request, O_CLOEXEC) < 0 || pipe2(reply, O_CLOEXEC) < 0) {
        die("pipe2");
    }
    pid_t pid = fork();
    if (pid < 0) {
        die("fork");
    }
    if (pid > 0) {
        close(request[0]);
        close(reply[1]);
        return (struct worker){request[1], reply[0]};
    }
    close(request[1]);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (hides) {
        hide_controllers();
    }
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, 0);
    dup2(null, 1);
    while (read(request[0], &index, sizeof(index)) == sizeof(index)) {
        struct result result = run_command(&lines[index]);
        if (write(reply[1], &result, sizeof(result)) != sizeof(result)) {
            die("write");
        }
    }
    exit(0);
}

static int run_line(int index) {
    const struct line *line = &lines[index];
    const struct worker *worker = &workers[strchr(line->flags, 'p') != NULL];
    struct result result;
    if (write(worker->request, &index, sizeof(index)) != sizeof(index)
        || read(worker->reply, &result, sizeof(result)) != sizeof(result)) {
        die("a worker has ended");
    }
    if (result.status != 0) {
        fprintf(stderr, "measure: status %#x:", (unsigned)result.status);
        for (int i = 0; line->words[i] != NULL; i++) {
            fprintf(stderr, " %s", line->words[i]);
        }
        fprintf(stderr, "\n");
        return 1;
    }
    printf("%s\t%lld\t%ld\n", line->label, (long long)result.nanoseconds, result.memory);
    return 0;
}

static void parse_line(char *text) {
    struct line *line = &lines[line_count];
    if (line_count == MAX_LINES) {
        errno = E2BIG;
        die("script");
    }
    line->flags = strsep(&text, "\t");
    line->label = strsep(&text, "\t");
    for (int i = 0; text != NULL && i < MAX_WORDS - 1; i++) {
        line->words[i] = strsep(&text, "\t");
    }
    if (line->words[0] == NULL) {
        errno = EINVAL;
        die(line->flags);
    }
    line->group = group_count;
    line_count++;
}

static void parse_script(void) {
    char *text = NULL;
    size_t size = 0;
    while (getline(&text, &size, stdin) > 0) {
        text[strcspn(text, "\n")] = '\0';
        if (strcmp(text, "begin") == 0) {
            first_round_line = line_count;
            group_count = 0;
        } else if (strcmp(text, "end") == 0) {
            last_round_line = line_count;
        } else if (text[0] == '\0') {
            group_count += last_round_line == 0;
        } else {
            parse_line(text);
            text = NULL;
            size = 0;
        }
    }
}

static int run_range(int from, int to, int group) {
    int failed = 0;
    for (int i = from; i < to; i++) {
        if (group < 0 || lines[i].group == group) {
            failed |= run_line(i);
        }
    }
    return failed;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 100;
    parse_script();
    workers[0] = start_worker(0);
    workers[1] = start_worker(1);
    int failed = run_range(0, first_round_line, -1);
    for (int round = 0; round < rounds && !failed; round++) {
        for (int i = 0; i <= group_count && !failed; i++) {
            failed = run_range(first_round_line, last_round_line, (round + i) % (group_count + 1));
        }
        if (isatty(2)) {
            fprintf(stderr, "\r%d of %d rounds", round + 1, rounds);
        }
    }
    run_range(last_round_line, line_count, -1);
    if (isatty(2)) {
        fprintf(stderr, "\n");
    }
    return failed;
}
