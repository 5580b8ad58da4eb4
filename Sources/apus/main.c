// Decides, before any Swift code runs, between the init stage and the command line.
// The init stage must never touch the Swift runtime: it runs inside the container's cgroup, where
// every page counts, and 0.4 ms sooner without it.

#include <string.h>

#include "CInit.h"

// Exported by Sources/CLI/EntryPoint.swift with @c.
extern int apus_main(int argc, char **argv, const char *commit);

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "init") == 0) {
        return init_main(argc, argv);
    }
    return apus_main(argc, argv, APUS_COMMIT);
}
