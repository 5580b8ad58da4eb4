// System calls and macros that Swift cannot call: variadic functions, calls that libc does not
// wrap, CMSG and SCM macros, and the one place that clones a process.
//
// Admission rule for this target: a function belongs here only when Swift cannot express it (a
// variadic prototype, a macro, an unwrapped syscall, code that runs between clone and exec). It
// holds no policy. Unless said otherwise every function returns what the system call returns, with
// -1 and errno on failure.

#ifndef APUS_CKERNEL_H
#define APUS_CKERNEL_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// -- files: CKernel.c --

// openat2(2), Linux 5.6. `resolve` is a mask of RESOLVE_*.
int ck_openat2(int dirfd, const char *_Nonnull path, int flags, mode_t mode, uint64_t resolve);
// renameat2(2) with RENAME_EXCHANGE, Linux 3.15.
int ck_exchange(int dirfd, const char *_Nonnull first, const char *_Nonnull second);
// fgetxattr(2), fsetxattr(2) and fremovexattr(2).
ssize_t ck_fgetxattr(int fd, const char *_Nonnull name, void *_Nonnull value, size_t size);
int ck_fsetxattr(
    int fd, const char *_Nonnull name, const void *_Nonnull value, size_t size, int flags);
int ck_fremovexattr(int fd, const char *_Nonnull name);
int ck_ioctl(int fd, unsigned long request, unsigned long argument);
int ck_ioctl_pointer(int fd, unsigned long request, void *_Nullable argument);
int ck_fcntl(int fd, int command, long argument);
int ck_prctl(
    int option, unsigned long arg2, unsigned long arg3, unsigned long arg4, unsigned long arg5);
int ck_close_range(unsigned int first, unsigned int last, unsigned int flags);
// fstatfs(2): f_type, the magic number of the file system.
long ck_filesystem_magic(int fd);
// statfs(2): the same of a path.
long ck_filesystem_magic_of(const char *_Nonnull path);
// strerrorname_np and strerrordesc_np, or NULL for an unknown number.
const char *_Nullable ck_errno_name(int number);
const char *_Nullable ck_errno_text(int number);

// -- descriptors that are no files: descriptors.c --

// pipe2(2), close-on-exec; fds[0] is for reading.
int ck_pipe(int *_Nonnull fds);
int ck_memfd_create(const char *_Nonnull name, unsigned int flags);
// sendfile(2) from the file's current position.
ssize_t ck_sendfile(int to, int from, size_t count);
// signalfd(2), close-on-exec and non-blocking.
int ck_signalfd(const sigset_t *_Nonnull mask);
// Takes one signal from a signalfd and returns its number, or -1 (EAGAIN: none is pending).
int ck_signalfd_next(int fd);
// eventfd(2), close-on-exec and non-blocking.
int ck_eventfd(void);
// inotify_init1(2), close-on-exec and non-blocking.
int ck_inotify(void);
int ck_inotify_add_watch(int fd, const char *_Nonnull path, uint32_t mask);

// -- mounts: CKernel.c; Linux 5.2, mount_setattr 5.12 --

int ck_open_tree(int dirfd, const char *_Nonnull path, unsigned int flags);
int ck_move_mount(
    int from_fd, const char *_Nonnull from, int to_fd, const char *_Nonnull to, unsigned int flags);
int ck_fsopen(const char *_Nonnull type, unsigned int flags);
int ck_fsconfig(
    int fd, unsigned int command, const char *_Nullable key, const void *_Nullable value, int aux);
int ck_fsmount(int fd, unsigned int flags, unsigned int attributes);
int ck_mount_setattr(int dirfd, const char *_Nonnull path, unsigned int flags, uint64_t set,
    uint64_t clear, uint64_t propagation, int userns_fd);

// -- processes: CKernel.c, spawn.c --

int ck_pidfd_open(pid_t pid, unsigned int flags);
int ck_pidfd_send_signal(int pidfd, int signal);
// PIDFD_GET_INFO of ioctl(2), Linux 6.15: the status word of a process that has exited and was
// reaped. Returns 0, or -1 with ENODATA while the kernel does not know it.
int ck_pidfd_exit_code(int pidfd, int *_Nonnull code);
int ck_pidfd_getfd(int pidfd, int target, unsigned int flags);
// waitid(2) on a pid; fills the two values of siginfo that say how it ended. Returns the pid, 0 when
// WNOHANG found nothing, or -1.
pid_t ck_waitid(int idtype, unsigned int id, int options, int *_Nonnull code, int *_Nonnull status);
int ck_ioprio_set(int which, int who, int value);

// struct sched_attr of sched_setattr(2), which libc does not declare before 2.41.
struct ck_sched_attr {
    uint32_t size;
    uint32_t policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime;
    uint64_t deadline;
    uint64_t period;
    uint32_t util_min;
    uint32_t util_max;
};
int ck_sched_setattr(
    pid_t pid, const struct ck_sched_attr *_Nonnull attributes, unsigned int flags);
// The system calls, whose masks have any size; libc declares its own for GNU C alone.
int ck_sched_setaffinity(pid_t pid, size_t size, const void *_Nonnull mask);
int ck_sched_getaffinity(pid_t pid, size_t size, void *_Nonnull mask);
int ck_prlimit(pid_t pid, int resource, uint64_t soft, uint64_t hard);
long ck_seccomp(unsigned int operation, unsigned int flags, void *_Nullable arguments);
long ck_bpf(int command, void *_Nonnull attributes, unsigned int size);

// What to start and how. `fds[i]` becomes descriptor `first_fd + i` of the new program.
struct ck_spawn {
    int executable_fd; // run by execveat, or -1: `path` is run
    const char *_Nullable path;
    char *_Nullable const *_Nonnull argv;
    char *_Nullable const *_Nonnull envp;
    int *_Nullable fds; // scratch: the call overwrites it
    int fd_count;
    int first_fd;
    uint64_t clone_flags; // CLONE_NEW*, CLONE_INTO_CGROUP
    int cgroup_fd;        // used with CLONE_INTO_CGROUP
    // Open `tasks` files of cgroup v1: the child writes "0" into each before exec. A thread that
    // moves itself spares the kernel the grace period that moving another process costs.
    const int *_Nullable cgroup_tasks;
    int cgroup_tasks_count;
    int working_directory_fd; // or -1
    int new_session;          // setsid before exec
    // A detached mount, or -1. With CLONE_NEWNS: the child's namespace is cut off from the host's
    // and gets this mount at `mount_target` before exec.
    int mount_tree_fd;
    const char *_Nullable mount_target;
};

// Clones and executes. Returns the pid and stores a pidfd (CLOEXEC), or returns a negative errno;
// a failing exec is reported too (the child never returns here). Signals are unblocked and reset
// to their defaults in the new program. No descriptor but those given and 0..first_fd-1 survives,
// whatever the caller of the runtime left open.
pid_t ck_spawn_process(const struct ck_spawn *_Nonnull request, int *_Nonnull pidfd);

// Clones a child into a new user namespace, where it waits to be killed: it keeps the namespace
// alive until its maps are written and a descriptor of it is open. Returns the pid and stores a
// pidfd (CLOEXEC), or returns a negative errno. namespace.c.
pid_t ck_clone_user_namespace(int *_Nonnull pidfd);
// setns(2) of the calling thread.
int ck_setns(int fd, int type);

// -- sockets: socket.c --

// Sends `size` bytes with up to one descriptor (-1: none), MSG_NOSIGNAL.
ssize_t ck_send_fd(int socket, const void *_Nonnull bytes, size_t size, int fd);
// Sends with several descriptors (at most 8).
ssize_t ck_send_fds(
    int socket, const void *_Nonnull bytes, size_t size, const int *_Nonnull fds, int count);
// Receives one message and at most one descriptor (CLOEXEC), -1 in *fd when none came.
ssize_t ck_receive_fd(int socket, void *_Nonnull bytes, size_t size, int *_Nonnull fd, int flags);
// Connects a CLOEXEC socket of `type` to a path of at most 4096 bytes: longer ones than sun_path
// go through a descriptor of the parent directory. Returns the socket.
int ck_connect_unix(const char *_Nonnull path, int type);
// The same for a name of the abstract namespace, without the NUL in front (unix(7)).
int ck_connect_abstract(const char *_Nonnull name, int type);
// Binds a CLOEXEC socket of `type` to a name in an open directory. Returns the socket.
int ck_bind_unix(int directory, const char *_Nonnull name, int type);

// -- constants that are macros, or of headers that collide with libc's --

enum {
    CK_RESOLVE_NO_XDEV = 0x01,
    CK_RESOLVE_NO_MAGICLINKS = 0x02,
    CK_RESOLVE_NO_SYMLINKS = 0x04,
    CK_RESOLVE_BENEATH = 0x08,
    CK_RESOLVE_IN_ROOT = 0x10,
    CK_OPEN_TREE_CLONE = 1,
};
dev_t ck_makedev(unsigned int major, unsigned int minor);
unsigned int ck_major(dev_t device);
unsigned int ck_minor(dev_t device);

#endif
