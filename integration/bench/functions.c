// Lists the code that a program executes: functions OUTPUT PROGRAM [ARGUMENT...]
//
// Runs the program instruction by instruction and appends every new address to OUTPUT, in the order in
// which they are reached. Follows no child. `scripts/order` makes the linker's order out of it.

#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

// A static binary is linked to low addresses; 16 bytes are the least that a function takes.
enum { FIRST = 0x200000, GRAIN = 16, GRAINS = 1 << 22 };

static unsigned char seen[GRAINS];

static void note(FILE *output, unsigned long address) {
    unsigned long grain = (address - FIRST) / GRAIN;
    if (address >= FIRST && grain < GRAINS && !seen[grain]) {
        seen[grain] = 1;
        fprintf(output, "%lx\n", address);
    }
}

int main(int argc, char **argv) {
    struct user_regs_struct registers;
    int status;
    FILE *output = argc > 2 ? fopen(argv[1], "a") : NULL;
    if (output == NULL) {
        fprintf(stderr, "usage: functions OUTPUT PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    pid_t pid = fork();
    if (pid == 0) {
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(null, 0);
        dup2(null, 1);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(argv[2], argv + 2);
        _exit(127);
    }
    while (waitpid(pid, &status, 0) == pid && WIFSTOPPED(status)) {
        int number = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
        ptrace(PTRACE_GETREGS, pid, NULL, &registers);
        note(output, registers.rip);
        ptrace(PTRACE_SINGLESTEP, pid, NULL, number);
    }
    fclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
