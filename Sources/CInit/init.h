// What the files of the init stage share: the context, failure reporting and the functions between
// the operations and the kernel. Nothing here is visible outside this target.

#ifndef APUS_INIT_H
#define APUS_INIT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "CInit.h"

// Where a descriptor points: the same file in another mount is another place.
struct place {
    uint64_t mount;
    uint64_t inode;
    uint32_t major;
    uint32_t minor;
    mode_t mode;
};

// More file systems than that are not known as the container's own.
#define MADE_LIMIT 64

// One per init stage, on the stack of init_main. Descriptors are -1 while they are not open.
struct init {
    int first;     // number of the first internal descriptor
    int sync;      // socket to the parent; closed by WAIT_START
    int fifo;      // exec.fifo, the reporting channel after WAIT_START
    int fork_gate; // stage two: at end of file once stage one has sent FORKED
    int root;      // O_PATH, the container's root
    int proc;      // private procfs
    int null;      // O_PATH, the container's verified /dev/null
    int mask;      // mount of the read-only empty tmpfs that covers directories

    const struct plan_header *header;
    const struct plan_op *ops;
    const char *table;
    uint32_t index; // of the running operation
    uint32_t kind;  // of the running operation, for a reader that has no plan (exec.fifo)

    uint16_t call; // sync_call of the last failure
    char detail[SYNC_DETAIL_SIZE];

    // Superblocks that were made here and are nobody else's, as st_dev.
    dev_t made[MADE_LIMIT];
    int made_count;

    struct place root_place;
    mode_t umask;           // what the program gets; the init stage itself runs with 0
    bool root_is_shared;    // "/" has a shared propagation
    bool refused;           // the last MOUNT was
    bool cwd_done;          // CHDIR has succeeded
    bool filtered;          // a system call filter is loaded
    const char **arguments; // of the program, once EXEC is prepared
    const char **environment;
    char program[PATH_MAX];  // path found by RESOLVE_EXEC
    char home[PATH_MAX + 8]; // "HOME=..." or empty
};

// A descriptor that closes itself at the end of its scope.
void close_quietly(int *fd);
#define AUTOCLOSE __attribute__((cleanup(close_quietly)))

// Notes the failing call for the report and returns -err. `detail` may be NULL and is cut to fit.
int init_fail(struct init *init, uint16_t call, int err, const char *detail);

// Writes a number in decimal, without leading zeros.
#define NUMBER_SIZE 21
void number_text(char text[NUMBER_SIZE], uint64_t number);

// Appends to the detail noted by init_fail, after ": ".
void init_detail(struct init *init, const char *text);

// -- plan.c: operands. Only for a validated plan. --
const char *plan_text(const struct init *init, uint32_t offset);
const void *plan_blob(const struct init *init, uint32_t offset);
int plan_fd(const struct init *init, const struct plan_op *op);

// Fills `list` with pointers to `count` strings and a final NULL; `list` has count + 1 places.
void plan_list(const struct init *init, uint32_t offset, uint32_t count, const char **list);

// True when a later operation writes under /proc.
bool plan_needs_proc(const struct init *init);

// -- sync.c --
int sync_send(struct init *init, uint16_t kind, uint64_t value, int fd);
int sync_wait(struct init *init);
void sync_report(struct init *init, uint16_t kind, int ret);
void sync_executing(struct init *init);

// -- path.c: the only place that resolves a path below the container's root --
struct path_options {
    mode_t leaf;      // S_IFDIR or S_IFREG with permissions: what a missing last component becomes
    mode_t parents;   // permissions of missing directories before it
    int flags;        // O_NOFOLLOW or 0
    uint64_t resolve; // RESOLVE_* in addition to the usual ones
};

// The root's O_PATH descriptor, opened on first use.
int path_root(struct init *init);

// Opens an existing path. `flags` are O_* (O_CLOEXEC is implied), `resolve` additional RESOLVE_*.
int path_open(struct init *init, const char *path, int flags, uint64_t resolve);

// Opens a path as O_PATH and creates what is missing of it.
int path_make(struct init *init, const char *path, const struct path_options *options);

// Opens the directory that holds the last component and points *name at that component. With
// `create` missing directories are made.
int path_parent(struct init *init, const char *path, bool create, char name[NAME_MAX + 1]);

int path_place(struct init *init, int fd, struct place *place);

// -- procfs.c --
int proc_prepare(struct init *init);
int proc_open(struct init *init, const char *path, int flags);
int proc_write(struct init *init, const char *path, const char *text);

// The directory with the magic links of this thread's descriptors: the one place where following
// them is wanted.
int proc_fds(struct init *init);

// -- tree.c: mounts by descriptor --
int tree_clone(struct init *init, int dir, const char *path, unsigned flags);
int tree_attach(struct init *init, int tree, int target, const char *detail);
int tree_setattr(struct init *init, int fd, uint64_t set, uint64_t clear, bool recursive);
int tree_propagation(struct init *init, int fd, uint64_t flags);

// Opens the in-root target str[2] of a mount, creates it as a directory or a file when it is
// missing, and refuses the root itself and a target of the other type.
int tree_target(struct init *init, const struct plan_op *op, bool directory);

// Refuses a descriptor in the container's own procfs that `path`, which is not below /proc, led to.
int tree_outside_proc(struct init *init, int fd, const char *path);

// -- cover.c --

// Unmounts or covers every procfs and sysfs outside of the container's root.
int cover_host_mounts(struct init *init);

// -- ops_device.c --

// Opens the container's /dev/null as O_PATH into init->null, verified, and never by a symlink.
int null_open(struct init *init);
bool null_is(const struct stat *status);

// -- ops_copyup.c --

// Copies what the directory `from` holds into the directory `to`.
int copy_tree(struct init *init, int from, int to);

// -- ops_process.c --
void reset_signals(void);
int exec_prepare(struct init *init, const struct plan_op *op);

#define X(constant, name, function) int function(struct init *init, const struct plan_op *op);
PLAN_OPS(X)
#undef X

#endif
