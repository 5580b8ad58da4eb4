// The conversation between the parent (Swift) and the init stage (C): fixed-size messages over one
// SOCK_SEQPACKET pair, descriptors by SCM_RIGHTS.
//
//   parent                                    init
//     clone3 + execveat             ------>   verify descriptors, validate the plan
//     cgroup, oom_score_adj ... GO  ------>   first operations
//     uid_map, gid_map         <-- REACHED(idmap)     GO -->
//     timens_offsets           <-- REACHED(timens)    GO -->
//                              <-- FORKED(pid)+pidfd       stage one exits
//     network devices, hooks   <-- REACHED(hooks)     GO -->
//     console to its receiver  <-- FD(console)+fd
//     rlimits, state.json      <-- REACHED(ready)     GO -->    credentials
//     listener to its receiver <-- FD(notify)+fd
//                              <-- REACHED(start)     GO -->    startContainer hooks
//                              <-- EXECUTING
//     `run`: poststart         <-- EOF                          exec (or WAIT_START) done
//
// Until exec a failing operation ends the conversation with FAIL. After WAIT_START the same FAIL
// message goes into exec.fifo instead, where `start` reads it, and EXECUTING is one byte there; see
// WAIT_START in docs/protocol.md.

#ifndef APUS_SYNC_H
#define APUS_SYNC_H

#include <stdint.h>

#include "wire.h"

#define SYNC_MAGIC 0x636e7953u // "Sync"
#define SYNC_DETAIL_SIZE 216

typedef WIRE_ENUM(sync_kind, uint16_t){
    SYNC_GO = 1,      // parent: go on
    SYNC_ABORT = 2,   // parent: exit now, say nothing
    SYNC_REACHED = 3, // init: at a SYNC operation; value = sync_reason; waits for GO
    SYNC_FORKED = 4,  // init: value = pid of the second stage as stage one sees it; fd = pidfd
    SYNC_FD = 5,      // init: value = sync_reason; fd
    SYNC_WARN = 6,    // init: an operation with PLAN_WARN failed; fields as FAIL
    SYNC_TIMING = 7,  // init: value = nanoseconds that operation `op` took
    SYNC_FAIL = 8,    // init: operation `op` failed in `call` with `err`; it exits
    // init: nothing but exec is left, so the end that follows is that of exec and not of a death.
    // Not sent by a process that a system call filter was loaded into before.
    SYNC_EXECUTING = 9,
} sync_kind;

typedef WIRE_ENUM(sync_reason, uint64_t){
    SYNC_IDMAP = 1,
    SYNC_TIMENS = 2,
    SYNC_HOOKS = 3,
    SYNC_NOTIFY = 4,
    SYNC_READY = 5,
    SYNC_START = 6,
    SYNC_CONSOLE = 7,
} sync_reason;

// The failing call of a FAIL or WARN. The name is what the user reads.
#define SYNC_CALLS(X)                                                                              \
    X(NONE, "")                                                                                    \
    X(PROTOCOL, "protocol")                                                                        \
    X(VALIDATE, "plan_validate")                                                                   \
    X(BIND, "bind")                                                                                \
    X(CAPSET, "capset")                                                                            \
    X(CHDIR, "chdir")                                                                              \
    X(CHECK, "check")                                                                              \
    X(CHROOT, "chroot")                                                                            \
    X(CLONE, "clone")                                                                              \
    X(CLOSE_RANGE, "close_range")                                                                  \
    X(CONNECT, "connect")                                                                          \
    X(COPY, "copy_file_range")                                                                     \
    X(DUP3, "dup3")                                                                                \
    X(EXECVE, "execve")                                                                            \
    X(FCHDIR, "fchdir")                                                                            \
    X(FCHMOD, "fchmod")                                                                            \
    X(FCHOWN, "fchown")                                                                            \
    X(FCNTL, "fcntl")                                                                              \
    X(FSCONFIG, "fsconfig")                                                                        \
    X(FSMOUNT, "fsmount")                                                                          \
    X(FSOPEN, "fsopen")                                                                            \
    X(FSTAT, "fstat")                                                                              \
    X(GETCWD, "getcwd")                                                                            \
    X(GETDENTS, "getdents64")                                                                      \
    X(IOCTL, "ioctl")                                                                              \
    X(KEYCTL, "keyctl")                                                                            \
    X(KILL, "kill")                                                                                \
    X(MKDIRAT, "mkdirat")                                                                          \
    X(MKNODAT, "mknodat")                                                                          \
    X(MMAP, "mmap")                                                                                \
    X(MOUNT, "mount")                                                                              \
    X(MOUNT_SETATTR, "mount_setattr")                                                              \
    X(MOVE_MOUNT, "move_mount")                                                                    \
    X(OPENAT2, "openat2")                                                                          \
    X(OPEN_TREE, "open_tree")                                                                      \
    X(PERSONALITY, "personality")                                                                  \
    X(PIPE2, "pipe2")                                                                              \
    X(PIVOT_ROOT, "pivot_root")                                                                    \
    X(POLL, "poll")                                                                                \
    X(PRCTL, "prctl")                                                                              \
    X(READ, "read")                                                                                \
    X(READLINKAT, "readlinkat")                                                                    \
    X(RECVMSG, "recvmsg")                                                                          \
    X(SECCOMP, "seccomp")                                                                          \
    X(SENDMSG, "sendmsg")                                                                          \
    X(SETDOMAINNAME, "setdomainname")                                                              \
    X(SETGROUPS, "setgroups")                                                                      \
    X(SETHOSTNAME, "sethostname")                                                                  \
    X(SETNS, "setns")                                                                              \
    X(SETRESGID, "setresgid")                                                                      \
    X(SETRESUID, "setresuid")                                                                      \
    X(SETSID, "setsid")                                                                            \
    X(SET_MEMPOLICY, "set_mempolicy")                                                              \
    X(SOCKET, "socket")                                                                            \
    X(SYMLINKAT, "symlinkat")                                                                      \
    X(UMOUNT2, "umount2")                                                                          \
    X(UNLINKAT, "unlinkat")                                                                        \
    X(UNSHARE, "unshare")                                                                          \
    X(WAIT, "waitid")                                                                              \
    X(WRITE, "write")                                                                              \
    X(HOOK_EXIT, "hook exit status")                                                               \
    X(HOOK_SIGNAL, "hook signal")                                                                  \
    X(HOOK_TIMEOUT, "hook timeout")

typedef WIRE_ENUM(sync_call, uint16_t){
#define X(constant, name) SYNC_CALL_##constant,
    SYNC_CALLS(X)
#undef X
} sync_call;

struct sync_message {
    uint32_t magic;
    uint16_t kind; // enum sync_kind
    uint16_t call; // enum sync_call
    uint32_t op;   // index of the operation
    int32_t err;   // positive errno; for HOOK_EXIT the status, for HOOK_SIGNAL the signal
    uint64_t value;
    uint64_t value2;
    uint64_t reserved;
    char detail[SYNC_DETAIL_SIZE]; // text, NUL-terminated: the path, option or kernel message
};

_Static_assert(sizeof(struct sync_message) == 256, "wire format");

#endif
