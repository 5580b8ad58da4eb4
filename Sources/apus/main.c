// Decides, before any Swift code runs, between the init stage and the command line.
// The init stage must never touch the Swift runtime: it runs inside the container's cgroup, where
// every page counts, and 0.4 ms sooner without it.

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "CInit.h"

// Exported by Sources/CLI/EntryPoint.swift with @c.
extern int apus_main(int argc, char **argv, const char *commit);

// A closed standard descriptor would be the number of the next file that is opened, which would
// then receive messages or become the container's. /dev/null takes the place of each; that of
// standard output is only for reading, so that a result which nobody can get is an error.
static int open_standard_descriptors(void) {
    for (int fd = 0; fd < 3; fd++) {
        int mode = fd == STDOUT_FILENO ? O_RDONLY : O_RDWR;
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode) != fd) {
            return 1;
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "init") == 0) {
        return init_main(argc, argv);
    }
    if (open_standard_descriptors() != 0) {
        return 1;
    }
    return apus_main(argc, argv, APUS_COMMIT);
}
