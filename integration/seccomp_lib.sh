# What the files about system call filters share.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the lists are used by the files that read this one
# shellcheck source=integration/exec_lib.sh
source "$HERE/exec_lib.sh"

# filter: a profile that allows what has no rule.
filter() {
    edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: []}'
}

# on NAME ACTION [MEMBERS]: appends a rule, with more members in JSON.
on() {
    edit ".linux.seccomp.syscalls += [{names: [\"$1\"], action: \"SCMP_ACT_$2\"${3:+, $3}}]"
}

# allow_only ACTION NAME...: a profile that allows these, and does that with everything else.
allow_only() {
    local action=$1
    shift
    edit ".linux.seccomp = {defaultAction: \"SCMP_ACT_$action\", syscalls: [
        {names: $(json_strings "$@"), action: \"SCMP_ACT_ALLOW\"}]}"
}

# What a static program needs to print a line.
NEEDED=(brk arch_prctl set_tid_address set_robust_list rseq prlimit64 readlink readlinkat getrandom
    mprotect mmap munmap fstat newfstatat ioctl write exit_group exit)
# What peers need between filter and program, beyond execve.
PEERS=(read close openat openat2 fcntl futex rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack
    nanosleep clock_nanosleep sched_yield epoll_ctl epoll_pwait getpid tgkill gettid getppid
    madvise umask prctl capget capset setuid setgid setgroups setresuid setresgid chdir fchdir
    getcwd close_range fstatfs dup3 lseek waitid wait4 sendmsg recvfrom recvmsg sendto clone clone3
    fchown stat lstat access faccessat2 getdents64 getuid geteuid getgid getegid pipe2 exit
    epoll_create1 newfstatat readlinkat eventfd2 restart_syscall setsid fchmod)

# each_way FUNCTION: with and without no_new_privs, as root and as another user.
each_way() {
    local privileges user
    for privileges in true false; do
        for user in 0 1000; do
            rm -rf "$T/bundle"
            bundle ".process.noNewPrivileges = $privileges | .process.user.uid = $user"
            "$1"
        done
    done
}

# The compiled filters that are kept.
cache_files() {
    find "$STATE/.seccomp@cache" -type f
}
