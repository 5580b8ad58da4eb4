// Kernel objects of the new namespaces and of the process.

#include "init.h"

#include <linux/keyctl.h>
#include <string.h>
#include <sys/personality.h>

#include "syscalls.h"

// The name of a key has at most 4095 bytes (KEY_MAX_DESC_SIZE); type, ids and permissions go before.
#define DESCRIPTION_SIZE (4096 + 128)

int op_hostname(struct init *init, const struct plan_op *op) {
    const char *name = plan_text(init, op->str[0]);
    return sethostname(name, strlen(name)) < 0 ? init_fail(init, SYNC_CALL_SETHOSTNAME, errno, name)
                                               : 0;
}

int op_domainname(struct init *init, const struct plan_op *op) {
    const char *name = plan_text(init, op->str[0]);
    return setdomainname(name, strlen(name)) < 0
        ? init_fail(init, SYNC_CALL_SETDOMAINNAME, errno, name)
        : 0;
}

// The entries below /proc/sys are those of the namespaces of whoever opens them.
int op_sysctl(struct init *init, const struct plan_op *op) {
    char path[PATH_MAX + 4] = "sys/";
    const char *name = plan_text(init, op->str[0]);
    memcpy(path + 4, name, strlen(name) + 1);
    return proc_write(init, path, plan_text(init, op->str[1]));
}

int op_personality(struct init *init, const struct plan_op *op) {
    if (personality((unsigned long)op->num[0]) < 0) {
        return init_fail(init, SYNC_CALL_PERSONALITY, errno, "");
    }
    return 0;
}

int op_mempolicy(struct init *init, const struct plan_op *op) {
    const void *nodes = op->num[1] == 0 ? NULL : plan_blob(init, op->str[0]);
    if (syscall(SYS_set_mempolicy, op->num[0], nodes, op->num[1]) < 0) {
        return init_fail(init, SYNC_CALL_SET_MEMPOLICY, errno, "");
    }
    return 0;
}

// Applies to hooks and to the program: the init stage itself keeps 0, for exact permissions.
int op_umask(struct init *init, const struct plan_op *op) {
    init->umask = (mode_t)op->num[0];
    return 0;
}

// The fourth field of "type;uid;gid;permissions;name", in hexadecimal.
static int parse_permissions(const char *text, uint32_t *permissions) {
    for (int fields = 0; fields < 3; fields++) {
        text = strchr(text, ';');
        if (text == NULL) {
            return -EINVAL;
        }
        text++;
    }
    uint32_t value = 0;
    for (; *text != ';'; text++) {
        const char *digits = "0123456789abcdef";
        const char *digit = *text == '\0' ? NULL : strchr(digits, *text);
        if (digit == NULL) {
            return -EINVAL;
        }
        value = value << 4 | (uint32_t)(digit - digits);
    }
    *permissions = value;
    return 0;
}

static int add_permissions(struct init *init, long key, uint32_t bits) {
    char text[DESCRIPTION_SIZE];
    uint32_t permissions = 0;
    long size = syscall(SYS_keyctl, KEYCTL_DESCRIBE, key, text, sizeof(text));
    if (size < 0) {
        return init_fail(init, SYNC_CALL_KEYCTL, errno, "KEYCTL_DESCRIBE");
    }
    if (size > (long)sizeof(text) || parse_permissions(text, &permissions) < 0) {
        return init_fail(init, SYNC_CALL_KEYCTL, EPROTO, "KEYCTL_DESCRIBE");
    }
    if (syscall(SYS_keyctl, KEYCTL_SETPERM, key, permissions | bits) < 0) {
        return init_fail(init, SYNC_CALL_KEYCTL, errno, "KEYCTL_SETPERM");
    }
    return 0;
}

// A kernel without keyrings has nothing that the container could reach.
int op_keyring(struct init *init, const struct plan_op *op) {
    const char *name = plan_text(init, op->str[0]);
    long key = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
    if (key < 0) {
        return errno == ENOSYS
            ? 0
            : init_fail(init, SYNC_CALL_KEYCTL, errno, "KEYCTL_JOIN_SESSION_KEYRING");
    }
    return op->num[0] == 0 ? 0 : add_permissions(init, key, (uint32_t)op->num[0]);
}
