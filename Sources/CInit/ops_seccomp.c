// The system call filter.
//
// It filters the init stage too, from the moment that it is loaded: what comes afterwards is in the
// hands of the configuration, which need not allow, and may even kill, what the init stage does.

#include "init.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>

#include "syscalls.h"

#define PENDING INT_MIN

// What the two threads share.
struct handover {
    struct init *init;
    int listener; // PENDING until the filter is loaded, or -1 when it could not be
    int result;   // PENDING until the listener is with the parent
};

static long load(const struct init *init, const struct plan_op *op) {
    struct sock_fprog program = {
        .len = (unsigned short)op->num[0],
        .filter = (struct sock_filter *)(uintptr_t)plan_blob(init, op->str[0]),
    };
    return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, op->num[1], &program);
}

// The thread's part. It yields for as long as loading takes: any call by which the other thread
// could wake it would be a call that the filter sees first.
static int hand_over(void *argument) {
    struct handover *handover = argument;
    int listener;
    while ((listener = __atomic_load_n(&handover->listener, __ATOMIC_ACQUIRE)) == PENDING) {
        sched_yield();
    }
    int ret = 0;
    if (listener >= 0) {
        ret = sync_send(handover->init, SYNC_FD, SYNC_NOTIFY, listener);
        close(listener);
    }
    __atomic_store_n(&handover->result, ret, __ATOMIC_RELEASE);
    syscall(SYS_exit, 0);
    return 0;
}

// Every call of the filtered thread may be one that waits for an answer from the listener, which
// nobody has yet. A second thread, which the filter does not see, passes the listener on. It shares
// errno and the stack protector's canary with this one, which meanwhile only waits for a number.
static int load_with_listener(struct init *init, const struct plan_op *op) {
    static char stack[16384] __attribute__((aligned(16)));
    const int flags =
        CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
    struct handover handover = {.init = init, .listener = PENDING, .result = PENDING};
    if (clone(hand_over, stack + sizeof(stack), flags, &handover) < 0) {
        return init_fail(init, SYNC_CALL_CLONE, errno, "");
    }
    long loaded = load(init, op);
    int err = loaded < 0 ? errno : 0;
    __atomic_store_n(&handover.listener, loaded < 0 ? -1 : (int)loaded, __ATOMIC_RELEASE);
    int ret;
    while ((ret = __atomic_load_n(&handover.result, __ATOMIC_ACQUIRE)) == PENDING) {
    }
    return err > 0 ? init_fail(init, SYNC_CALL_SECCOMP, err, "") : ret;
}

int op_seccomp(struct init *init, const struct plan_op *op) {
    // EXEC ends every plan, so there is a next operation. A filter right before it need allow
    // nothing but execve.
    int ret = op[1].kind == PLAN_OP_EXEC ? exec_prepare(init, &op[1]) : 0;
    if (ret < 0) {
        return ret;
    }
    if ((op->num[1] & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0) {
        ret = load_with_listener(init, op);
    } else if (load(init, op) < 0) {
        ret = init_fail(init, SYNC_CALL_SECCOMP, errno, "");
    }
    init->filtered = ret == 0;
    return ret;
}
