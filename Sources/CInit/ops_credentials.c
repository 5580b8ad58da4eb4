// Users, groups and capabilities, in the order that the plan gives.

#include "init.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>

#include "syscalls.h"

#define CAPABILITY_BITS 64

int op_setgroups(struct init *init, const struct plan_op *op) {
    if (setgroups((size_t)op->num[0], plan_blob(init, op->str[0])) < 0) {
        return init_fail(init, SYNC_CALL_SETGROUPS, errno, "");
    }
    return 0;
}

int op_setgid(struct init *init, const struct plan_op *op) {
    gid_t gid = (gid_t)op->num[0];
    return setresgid(gid, gid, gid) < 0 ? init_fail(init, SYNC_CALL_SETRESGID, errno, "") : 0;
}

// Leaving uid 0 would clear the permitted set, from which CAPSET takes what the program gets.
int op_setuid(struct init *init, const struct plan_op *op) {
    uid_t uid = (uid_t)op->num[0];
    if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) {
        return init_fail(init, SYNC_CALL_PRCTL, errno, "PR_SET_KEEPCAPS");
    }
    return setresuid(uid, uid, uid) < 0 ? init_fail(init, SYNC_CALL_SETRESUID, errno, "") : 0;
}

// The kernel answers EINVAL from the first capability on that it does not know.
int op_bounding(struct init *init, const struct plan_op *op) {
    for (unsigned capability = 0; capability < CAPABILITY_BITS; capability++) {
        bool stays = (op->num[0] >> capability & 1) != 0;
        int present = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
        if (present < 0) {
            return 0;
        }
        if (present == 1 && !stays && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) {
            return init_fail(init, SYNC_CALL_PRCTL, errno, "PR_CAPBSET_DROP");
        }
    }
    return 0;
}

int op_capset(struct init *init, const struct plan_op *op) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    for (int i = 0; i < 2; i++) {
        data[i] = (struct __user_cap_data_struct){
            .effective = (uint32_t)(op->num[0] >> (32 * i)),
            .permitted = (uint32_t)(op->num[1] >> (32 * i)),
            .inheritable = (uint32_t)(op->num[2] >> (32 * i)),
        };
    }
    if (syscall(SYS_capset, &header, data) < 0) {
        return init_fail(init, SYNC_CALL_CAPSET, errno, "");
    }
    if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0) {
        return init_fail(init, SYNC_CALL_PRCTL, errno, "PR_SET_KEEPCAPS");
    }
    return 0;
}

int op_ambient(struct init *init, const struct plan_op *op) {
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) {
        return init_fail(init, SYNC_CALL_PRCTL, errno, "PR_CAP_AMBIENT_CLEAR_ALL");
    }
    for (unsigned capability = 0; capability < CAPABILITY_BITS; capability++) {
        if ((op->num[0] >> capability & 1) != 0
            && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) < 0) {
            int ret = init_fail(init, SYNC_CALL_PRCTL, errno, "PR_CAP_AMBIENT_RAISE");
            char number[NUMBER_SIZE];
            number_text(number, capability);
            init_detail(init, number);
            return ret;
        }
    }
    return 0;
}
