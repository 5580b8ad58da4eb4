// The payload: one static program that is the whole root filesystem of a test container, and that
// also plays the host's part where a shell is too slow or cannot make the call.
//
// A command prints what the kernel says, one `key=value` per line, and returns an exit status. A
// call that fails prints `key=ENAME` and returns 1. Several commands run in one process when they
// are separated by an argument `,`; the status is the first that is not 0.
#pragma once

#include <stddef.h>

// X(name, function): every command, in the order that `payload help` lists them.
#define PAYLOAD_COMMANDS(X)                                                                        \
    /* files.c */                                                                                  \
    X("cat", cmd_cat)                                                                              \
    X("fds", cmd_fds)                                                                              \
    X("ls", cmd_ls)                                                                                \
    X("mknod", cmd_mknod)                                                                          \
    X("mount", cmd_mount)                                                                          \
    X("mountinfo", cmd_mountinfo)                                                                  \
    X("open", cmd_open)                                                                            \
    X("line", cmd_line)                                                                            \
    X("readfd", cmd_readfd)                                                                        \
    X("readlink", cmd_readlink)                                                                    \
    X("stat", cmd_stat)                                                                            \
    X("statfs", cmd_statfs)                                                                        \
    X("write", cmd_write)                                                                          \
    X("writefd", cmd_writefd)                                                                      \
    /* process.c */                                                                                \
    X("caps", cmd_caps)                                                                            \
    X("cwd", cmd_cwd)                                                                              \
    X("echo", cmd_echo)                                                                            \
    X("env", cmd_env)                                                                              \
    X("exit", cmd_exit)                                                                            \
    X("false", cmd_false)                                                                          \
    X("fork-count", cmd_fork_count)                                                                \
    X("fork-sleep", cmd_fork_sleep)                                                                \
    X("id", cmd_id)                                                                                \
    X("kill-self", cmd_kill_self)                                                                  \
    X("memhog", cmd_memhog)                                                                        \
    X("pause", cmd_pause)                                                                          \
    X("pids", cmd_pids)                                                                            \
    X("rlimits", cmd_rlimits)                                                                      \
    X("setgroups", cmd_setgroups)                                                                  \
    X("sleep", cmd_sleep)                                                                          \
    X("status", cmd_status)                                                                        \
    X("trap", cmd_trap)                                                                            \
    X("true", cmd_true)                                                                            \
    /* kernel.c */                                                                                 \
    X("clock", cmd_clock)                                                                          \
    X("hostname", cmd_hostname)                                                                    \
    X("ioprio", cmd_ioprio)                                                                        \
    X("keyring", cmd_keyring)                                                                      \
    X("loopback", cmd_loopback)                                                                    \
    X("ns", cmd_ns)                                                                                \
    X("personality", cmd_personality)                                                              \
    X("sched", cmd_sched)                                                                          \
    X("sysctl", cmd_sysctl)                                                                        \
    X("tty", cmd_tty)                                                                              \
    X("winch", cmd_winch)                                                                          \
    /* criu.c */                                                                                   \
    X("criu", cmd_criu)                                                                            \
    /* keep.c: what a checkpoint must keep */                                                      \
    X("connect", cmd_connect)                                                                      \
    X("datagram", cmd_datagram)                                                                    \
    X("exchange", cmd_exchange)                                                                    \
    X("fill", cmd_fill)                                                                            \
    X("filled", cmd_filled)                                                                        \
    X("lock", cmd_lock)                                                                            \
    X("reread", cmd_reread)                                                                        \
    X("unlinked", cmd_unlinked)                                                                    \
    /* host.c: hooks, attackers, and what the test runner needs */                                 \
    X("exe-attack", cmd_exe_attack)                                                                \
    X("fd-attack", cmd_fd_attack)                                                                  \
    X("hook", cmd_hook)                                                                            \
    X("reap", cmd_reap)                                                                            \
    X("swap", cmd_swap)                                                                            \
    /* console.c: the engine's side of a terminal */                                               \
    X("console", cmd_console)                                                                      \
    X("descriptor", cmd_descriptor)                                                                \
    X("pty", cmd_pty)                                                                              \
    /* seccomp.c: calls that a filter may refuse, and who answers for it */                        \
    X("manager", cmd_manager)                                                                      \
    X("notify", cmd_notify)                                                                        \
    X("agent", cmd_agent)                                                                          \
    X("call", cmd_call)                                                                            \
    X("call32", cmd_call32)                                                                        \
    X("child-call", cmd_child_call)                                                                \
    X("thread-call", cmd_thread_call)                                                              \
    X("trace-call", cmd_trace_call)                                                                \
    X("trap-call", cmd_trap_call)

#define DECLARE(name, function) int function(int argc, char **argv);
PAYLOAD_COMMANDS(DECLARE)
#undef DECLARE

extern char **environ;

/// Prints `key=ok`, or `key=ENAME` for the errno when `result` is negative; returns 0 or 1.
int report(const char *key, long result);

/// Returns argv[index] as a number, or `fallback` when there is none.
long number(int argc, char **argv, int index, long fallback);

/// Returns the signal that `TERM`, `SIGTERM` or `15` names, or -1.
int signal_number(const char *name);

/// Copies a file descriptor to standard output until its end; returns 0, or -1 with errno.
int copy_to_stdout(int fd);
