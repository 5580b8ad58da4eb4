// Namespaces: joining, leaving, and the second process that a new pid namespace needs.

#include "init.h"

#include <linux/nsfs.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "syscalls.h"

// A namespace file says which type it is. A pidfd does not, but takes signal 0.
static int check_namespace(struct init *init, int fd, uint64_t expected) {
    int type = ioctl(fd, NS_GET_NSTYPE);
    if (type >= 0) {
        return (uint64_t)type == expected
            ? 0
            : init_fail(init, SYNC_CALL_CHECK, EINVAL, "namespace of another type");
    }
    if (sys_pidfd_send_signal(fd, 0) < 0 && errno != EPERM) {
        if (errno == ESRCH) {
            return init_fail(init, SYNC_CALL_SETNS, ESRCH, "the process has ended");
        }
        return init_fail(init, SYNC_CALL_CHECK, EINVAL, "not a namespace");
    }
    return 0;
}

int op_setns(struct init *init, const struct plan_op *op) {
    int fd = plan_fd(init, op);
    int ret = check_namespace(init, fd, op->num[0]);
    if (ret == 0 && (op->num[0] & CLONE_NEWNS) != 0) {
        ret = proc_prepare(init);
    }
    if (ret < 0) {
        return ret;
    }
    if (setns(fd, (int)op->num[0]) < 0) {
        return init_fail(init, SYNC_CALL_SETNS, errno, "");
    }
    // A joined mount namespace brings its own root.
    if ((op->num[0] & CLONE_NEWNS) != 0 && init->root >= 0) {
        close(init->root);
        init->root = -1;
    }
    return 0;
}

int op_unshare(struct init *init, const struct plan_op *op) {
    if (unshare((int)op->num[0]) < 0) {
        return init_fail(init, SYNC_CALL_UNSHARE, errno, "");
    }
    return 0;
}

// Stage one announces the child, opens the gate and ends. The parent reaps it as it reaps the
// second stage, which CLONE_PARENT makes its child as well.
static _Noreturn void end_stage_one(struct init *init, int pid, int pidfd, int gate) {
    int ret = sync_send(init, SYNC_FORKED, (uint64_t)pid, pidfd);
    close(gate);
    _exit(ret < 0 ? 1 : 0);
}

int op_fork(struct init *init, const struct plan_op *op) {
    (void)op;
    int gate[2];
    int pidfd = -1;
    if (pipe2(gate, O_CLOEXEC) < 0) {
        return init_fail(init, SYNC_CALL_PIPE2, errno, "");
    }
    // With CLONE_PARENT the exit signal is inherited and must be left 0 here.
    struct clone_args arguments = {
        .flags = CLONE_PARENT | CLONE_PIDFD, .pidfd = (uint64_t)(uintptr_t)&pidfd};
    int pid = sys_clone3(&arguments);
    if (pid < 0) {
        close(gate[0]);
        close(gate[1]);
        return init_fail(init, SYNC_CALL_CLONE, errno, "");
    }
    if (pid > 0) {
        end_stage_one(init, pid, pidfd, gate[1]);
    }
    close(gate[1]);
    init->fork_gate = gate[0];
    return 0;
}

int op_become_root(struct init *init, const struct plan_op *op) {
    gid_t gid = (gid_t)op->num[1];
    uid_t uid = (uid_t)op->num[0];
    if (setresgid(gid, gid, gid) < 0) {
        return init_fail(init, SYNC_CALL_SETRESGID, errno, "");
    }
    if (setresuid(uid, uid, uid) < 0) {
        return init_fail(init, SYNC_CALL_SETRESUID, errno, "");
    }
    return 0;
}

int op_dumpable(struct init *init, const struct plan_op *op) {
    if (prctl(PR_SET_DUMPABLE, op->num[0], 0, 0, 0) < 0) {
        return init_fail(init, SYNC_CALL_PRCTL, errno, "PR_SET_DUMPABLE");
    }
    return 0;
}

int op_setsid(struct init *init, const struct plan_op *op) {
    (void)op;
    return setsid() < 0 ? init_fail(init, SYNC_CALL_SETSID, errno, "") : 0;
}

int op_loopback(struct init *init, const struct plan_op *op) {
    (void)op;
    struct ifreq request = {.ifr_name = "lo"};
    AUTOCLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return init_fail(init, SYNC_CALL_SOCKET, errno, "");
    }
    if (ioctl(fd, SIOCGIFFLAGS, &request) < 0) {
        return init_fail(init, SYNC_CALL_IOCTL, errno, "SIOCGIFFLAGS lo");
    }
    request.ifr_flags = (short)(request.ifr_flags | IFF_UP);
    if (ioctl(fd, SIOCSIFFLAGS, &request) < 0) {
        return init_fail(init, SYNC_CALL_IOCTL, errno, "SIOCSIFFLAGS lo");
    }
    return 0;
}
