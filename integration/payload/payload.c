// The command table and the few functions that every command shares.
#define _GNU_SOURCE
#include "payload.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int report(const char *key, long result) {
    if (result < 0) {
        printf("%s=%s\n", key, strerrorname_np(errno));
        return 1;
    }
    printf("%s=ok\n", key);
    return 0;
}

long number(int argc, char **argv, int index, long fallback) {
    return index < argc ? strtol(argv[index], NULL, 0) : fallback;
}

int signal_number(const char *name) {
    if (strncasecmp(name, "SIG", 3) == 0)
        name += 3;
    if (name[0] >= '0' && name[0] <= '9')
        return atoi(name);
    for (int signal = 1; signal < NSIG; signal++) {
        const char *abbreviation = sigabbrev_np(signal);
        if (abbreviation && strcasecmp(abbreviation, name) == 0)
            return signal;
    }
    return -1;
}

int copy_to_stdout(int fd) {
    char buffer[65536];
    ssize_t count;
    fflush(stdout);
    while ((count = read(fd, buffer, sizeof buffer)) > 0) {
        if (write(STDOUT_FILENO, buffer, (size_t)count) != count)
            return -1;
    }
    return (int)count;
}

static const struct {
    const char *name;
    int (*function)(int argc, char **argv);
} commands[] = {
#define ROW(name, function) {name, function},
    PAYLOAD_COMMANDS(ROW)
#undef ROW
};

static int run_command(int argc, char **argv) {
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, argv[0]) == 0)
            return commands[i].function(argc, argv);
    }
    fprintf(stderr, "payload: unknown command %s\n", argv[0]);
    return 64;
}

int main(int argc, char **argv) {
    int status = 0;
    // Line by line, so that a test that waits for a line in a file sees it.
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int first = 1; first < argc;) {
        int last = first;
        // Some take the rest of the line: it may hold commas of another payload.
        int takes_all = !strcmp(argv[first], "reap") || !strcmp(argv[first], "hook")
            || !strcmp(argv[first], "pty");
        while (last < argc && (takes_all || strcmp(argv[last], ",") != 0))
            last++;
        if (last > first) {
            char *separator = argv[last];
            argv[last] = NULL;
            int result = run_command(last - first, argv + first);
            argv[last] = separator;
            status = status ? status : result;
        }
        first = last + 1;
    }
    return status;
}
