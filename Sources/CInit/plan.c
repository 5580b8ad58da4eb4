// The plan: validation before anything of it runs, and access to its operands afterwards.
//
// Validation is data: one row per operation says what each operand must be. What a row does not
// name must be zero, so that a planner's mistake is an error here and not a surprise later.

#include "init.h"

#include <linux/filter.h>
#include <string.h>

// What a string operand must be.
enum text_rule {
    ABSENT = 0, // offset 0
    TEXT,       // a string, possibly empty
    NAME,       // a string that is not empty
    PATH,       // a string that is not empty and fits PATH_MAX
    LIST_NUM0,  // a list of num[0] strings
    LIST_NUM1,
    LIST_NUM2,
    LIST_HIGH,   // a list of num[0] >> 32 strings
    LIST_LOW,    // a list of (uint32_t)num[0] strings
    LIST_TWO,    // a list of two strings
    BLOB_GROUPS, // num[0] u32
    BLOB_FILTER, // num[0] struct sock_filter
    BLOB_NODES,  // num[1] bits, in whole u64
};

enum fd_rule { NO_FD = 0, NEEDS_FD, MAY_FD };

struct rule {
    uint8_t text[4];
    uint8_t fd;
    bool strict;     // its failure can be neither a warning nor ignored
    uint16_t flags;  // in addition to PLAN_WARN, PLAN_IGNORE_ENOENT and PLAN_INSTEAD
    uint64_t max[3]; // highest value of num[]
};

#define ANY UINT64_MAX
#define ANY32 UINT32_MAX
#define ID_MAX (UINT32_MAX - 1u)
#define COUNT_MAX (PLAN_MAX_SIZE / 2)

static const struct rule rules[PLAN_OP_COUNT] = {
    [PLAN_OP_SETNS] = {.strict = true, .fd = NEEDS_FD, .max = {ANY32}},
    [PLAN_OP_UNSHARE] = {.strict = true, .max = {ANY32}},
    [PLAN_OP_SYNC] = {.strict = true, .max = {SYNC_CONSOLE}},
    [PLAN_OP_FORK] = {.strict = true},
    [PLAN_OP_BECOME_ROOT] = {.strict = true, .max = {ID_MAX, ID_MAX}},
    [PLAN_OP_DUMPABLE] = {.max = {1}},
    [PLAN_OP_SETSID] = {.fd = NO_FD},
    [PLAN_OP_KEYRING] = {.text = {NAME}, .max = {ANY32}},
    [PLAN_OP_LOOPBACK] = {.fd = NO_FD},
    [PLAN_OP_PROPAGATION] = {.max = {ANY32}},
    [PLAN_OP_ROOTFS] =
        {.strict = true, .text = {PATH}, .fd = MAY_FD, .flags = PLAN_RECURSIVE, .max = {ANY32}},
    [PLAN_OP_MOUNT] = {.text = {NAME, TEXT, PATH, LIST_NUM2},
        .flags = PLAN_NOFOLLOW | PLAN_COPYUP | PLAN_EMPTY_TARGET_MODE | PLAN_REFUSABLE,
        .max = {ANY32, ANY32, COUNT_MAX}},
    [PLAN_OP_MOUNT_LEGACY] = {.text = {TEXT, TEXT, PATH, TEXT},
        .flags = PLAN_NOFOLLOW,
        .max = {ANY32, ANY32}},
    [PLAN_OP_BIND] = {.text = {ABSENT, TEXT, PATH},
        .fd = MAY_FD,
        .flags = PLAN_RECURSIVE | PLAN_NOFOLLOW | PLAN_SOURCE_IN_ROOT,
        .max = {ANY32, ANY32, ANY32}},
    [PLAN_OP_SETATTR] = {.text = {ABSENT, ABSENT, PATH},
        .flags = PLAN_RECURSIVE | PLAN_NOFOLLOW,
        .max = {ANY32, ANY32, ANY32}},
    [PLAN_OP_MKDIR] = {.text = {ABSENT, ABSENT, PATH}, .max = {07777}},
    [PLAN_OP_SYMLINK] = {.text = {PATH, ABSENT, PATH}},
    [PLAN_OP_UNLINK] = {.text = {ABSENT, ABSENT, PATH}},
    [PLAN_OP_UNMOUNT] = {.text = {ABSENT, ABSENT, PATH}},
    [PLAN_OP_PIVOT] = {.strict = true},
    [PLAN_OP_MOVE_ROOT] = {.strict = true},
    [PLAN_OP_CHROOT] = {.strict = true, .text = {ABSENT, ABSENT, TEXT}, .fd = MAY_FD},
    [PLAN_OP_MKNOD] = {.text = {ABSENT, ABSENT, PATH}, .max = {0177777, ANY, ANY}},
    [PLAN_OP_CONSOLE] = {.flags = PLAN_CONSOLE_BIND, .max = {ANY, ID_MAX, 1}},
    [PLAN_OP_STDIO_NULL] = {.fd = NO_FD},
    [PLAN_OP_STDIO_OWNER] = {.max = {ID_MAX}},
    [PLAN_OP_CLOSE_FDS] = {.strict = true},
    [PLAN_OP_HOSTNAME] = {.text = {TEXT}},
    [PLAN_OP_DOMAINNAME] = {.text = {TEXT}},
    [PLAN_OP_SYSCTL] = {.text = {PATH, TEXT}},
    [PLAN_OP_PERSONALITY] = {.max = {ANY32}},
    [PLAN_OP_MEMPOLICY] = {.text = {BLOB_NODES}, .max = {ANY32, 1u << 20}},
    [PLAN_OP_UMASK] = {.max = {0777}},
    [PLAN_OP_READONLY_PATH] = {.text = {ABSENT, ABSENT, PATH}},
    [PLAN_OP_MASK_PATH] = {.text = {TEXT, ABSENT, PATH}},
    [PLAN_OP_RELABEL] = {.text = {NAME, ABSENT, PATH}},
    [PLAN_OP_LABEL] = {.text = {PATH, TEXT}},
    [PLAN_OP_NO_NEW_PRIVS] = {.strict = true},
    [PLAN_OP_SECCOMP] = {.strict = true, .text = {BLOB_FILTER}, .max = {BPF_MAXINSNS, ANY32}},
    [PLAN_OP_SETGROUPS] = {.text = {BLOB_GROUPS}, .max = {65536}},
    [PLAN_OP_SETGID] = {.strict = true, .max = {ID_MAX}},
    [PLAN_OP_SETUID] = {.strict = true, .max = {ID_MAX}},
    [PLAN_OP_BOUNDING] = {.max = {ANY}},
    [PLAN_OP_CAPSET] = {.strict = true, .max = {ANY, ANY, ANY}},
    [PLAN_OP_AMBIENT] = {.max = {ANY}},
    [PLAN_OP_CHDIR] = {.text = {PATH}, .flags = PLAN_CHDIR_TRY},
    [PLAN_OP_HOME] = {.max = {ID_MAX}},
    [PLAN_OP_RESOLVE_EXEC] = {.text = {TEXT, TEXT}},
    [PLAN_OP_HOOK] = {.text = {PATH, LIST_HIGH, LIST_LOW, LIST_TWO},
        .flags = PLAN_RUN_HOOK_IN_ROOT,
        .max = {ANY, ANY, ANY}},
    [PLAN_OP_WAIT_START] = {.strict = true, .fd = NEEDS_FD},
    [PLAN_OP_DONE] = {.strict = true},
    [PLAN_OP_EXEC] = {.strict = true,
        .text = {LIST_NUM0, LIST_NUM1},
        .max = {COUNT_MAX, COUNT_MAX}},
};

static const char *const op_names[PLAN_OP_COUNT] = {
#define X(constant, name, function) [PLAN_OP_##constant] = name,
    PLAN_OPS(X)
#undef X
};

const char *plan_op_name(uint16_t kind) {
    return kind < PLAN_OP_COUNT ? op_names[kind] : "?";
}

// An entry of the table. Offset 0 is the empty one, whatever the table holds there.
struct entry {
    const char *bytes;
    uint32_t length;
};

// Finds the entry at `offset` and checks that it lies in the table and ends with a NUL.
static int find_entry(const struct plan_header *header, uint32_t offset, struct entry *entry) {
    const char *table = (const char *)header + header->table_offset;
    if (offset == 0) {
        *entry = (struct entry){.bytes = "", .length = 0};
        return 0;
    }
    if (offset % 8 != 0 || offset >= header->table_size || header->table_size - offset < 5) {
        return -EINVAL;
    }
    memcpy(&entry->length, table + offset, sizeof(entry->length));
    entry->bytes = table + offset + 4;
    if (entry->length > header->table_size - offset - 5) {
        return -EINVAL;
    }
    return entry->bytes[entry->length] == '\0' ? 0 : -EINVAL;
}

static int check_string(const struct entry *entry, uint8_t rule) {
    if (memchr(entry->bytes, '\0', entry->length) != NULL) {
        return -EINVAL;
    }
    if (rule != TEXT && entry->length == 0) {
        return -EINVAL;
    }
    return rule == PATH && entry->length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

// A list is exactly `count` NUL-terminated strings.
static int check_list(const struct entry *entry, uint64_t count) {
    const char *at = entry->bytes;
    const char *end = entry->bytes + entry->length;
    for (; count > 0 && at < end; count--) {
        const char *nul = memchr(at, '\0', (size_t)(end - at));
        if (nul == NULL) {
            return -EINVAL;
        }
        at = nul + 1;
    }
    return count == 0 && at == end ? 0 : -EINVAL;
}

static int check_blob(const struct entry *entry, uint64_t size) {
    return entry->length == size ? 0 : -EINVAL;
}

static int check_operand(
    const struct plan_header *header, const struct plan_op *op, uint32_t offset, uint8_t rule) {
    struct entry entry;
    int ret = find_entry(header, offset, &entry);
    if (ret < 0) {
        return ret;
    }
    switch (rule) {
    case ABSENT: return offset == 0 ? 0 : -EINVAL;
    case LIST_NUM0: return check_list(&entry, op->num[0]);
    case LIST_NUM1: return check_list(&entry, op->num[1]);
    case LIST_NUM2: return check_list(&entry, op->num[2]);
    case LIST_HIGH: return check_list(&entry, op->num[0] >> 32);
    case LIST_LOW: return check_list(&entry, (uint32_t)op->num[0]);
    case LIST_TWO: return check_list(&entry, 2);
    case BLOB_GROUPS: return check_blob(&entry, op->num[0] * sizeof(uint32_t));
    case BLOB_FILTER: return check_blob(&entry, op->num[0] * sizeof(struct sock_filter));
    case BLOB_NODES: return check_blob(&entry, (op->num[1] + 63) / 64 * sizeof(uint64_t));
    default: return check_string(&entry, rule);
    }
}

static int check_descriptor(const struct plan_header *header, int32_t fd, uint8_t rule) {
    if (fd == PLAN_NO_FD) {
        return rule == NEEDS_FD ? -EINVAL : 0;
    }
    return rule == NO_FD || fd < 0 || (uint32_t)fd >= header->fd_count ? -EINVAL : 0;
}

static int check_hook(const struct plan_header *header, const struct plan_op *op) {
    bool has_places =
        op->num[2] >> 32 <= header->fd_count && (uint32_t)op->num[2] <= header->fd_count;
    return op->num[0] >> 32 == 0 || !has_places ? -EINVAL : 0;
}

// What one row cannot say: values that are only wrong together.
static int check_special(const struct plan_header *header, const struct plan_op *op) {
    switch (op->kind) {
    case PLAN_OP_SYNC: return op->num[0] == 0 ? -EINVAL : 0;
    case PLAN_OP_BIND: return (op->fd == PLAN_NO_FD) == (op->str[1] == 0) ? -EINVAL : 0;
    case PLAN_OP_CHROOT: return (op->fd == PLAN_NO_FD) == (op->str[2] == 0) ? -EINVAL : 0;
    case PLAN_OP_HOOK: return check_hook(header, op);
    case PLAN_OP_EXEC: return op->num[0] == 0 ? -EINVAL : 0;
    default: return 0;
    }
}

static int check_op(const struct plan_header *header, const struct plan_op *op) {
    if (op->kind >= PLAN_OP_COUNT || op->reserved != 0) {
        return -EINVAL;
    }
    const struct rule *rule = &rules[op->kind];
    const int common = rule->strict ? 0 : PLAN_WARN | PLAN_IGNORE_ENOENT | PLAN_INSTEAD;
    if ((op->flags & ~(rule->flags | common)) != 0) {
        return -EINVAL;
    }
    int ret = check_descriptor(header, op->fd, rule->fd);
    for (int i = 0; ret == 0 && i < 3; i++) {
        ret = op->num[i] > rule->max[i] ? -EINVAL : 0;
    }
    for (int i = 0; ret == 0 && i < 4; i++) {
        ret = check_operand(header, op, op->str[i], rule->text[i]);
    }
    if (ret == 0) {
        ret = check_operand(header, op, op->origin, TEXT);
    }
    return ret == 0 ? check_special(header, op) : ret;
}

static int check_header(const struct plan_header *header, size_t size) {
    if (size < sizeof(*header) || size > PLAN_MAX_SIZE || header->magic != PLAN_MAGIC
        || header->version != PLAN_VERSION || (header->flags & ~PLAN_TRACE) != 0
        || header->size != size || header->op_count == 0 || header->op_count > PLAN_MAX_OPS
        || header->fd_count > PLAN_MAX_FDS || header->payload_fds > PLAN_MAX_FDS) {
        return -EINVAL;
    }
    uint64_t table = sizeof(*header) + (uint64_t)header->op_count * sizeof(struct plan_op);
    if (header->table_offset != table
        || (uint64_t)header->table_offset + header->table_size > size) {
        return -EINVAL;
    }
    return 0;
}

int plan_validate(const void *plan, size_t size, uint32_t *bad_op) {
    const struct plan_header *header = plan;
    *bad_op = UINT32_MAX;
    int ret = check_header(header, size);
    if (ret < 0) {
        return ret;
    }
    const struct plan_op *ops = (const struct plan_op *)(header + 1);
    uint32_t forks = 0;
    for (uint32_t i = 0; i < header->op_count; i++) {
        bool is_last = i + 1 == header->op_count;
        *bad_op = i;
        ret = check_op(header, &ops[i]);
        if (ret < 0) {
            return ret;
        }
        // EXEC or DONE ends every plan and nothing can follow; a second FORK would lose the parent.
        forks += ops[i].kind == PLAN_OP_FORK ? 1 : 0;
        bool ends = ops[i].kind == PLAN_OP_EXEC || ops[i].kind == PLAN_OP_DONE;
        // A mount may only be refused where something else is done about it.
        bool refusable = (ops[i].flags & PLAN_REFUSABLE) != 0;
        bool settled = !is_last && (ops[i + 1].flags & PLAN_INSTEAD) != 0;
        if (ends != is_last || forks > 1 || (refusable && !settled)) {
            return -EINVAL;
        }
    }
    *bad_op = UINT32_MAX;
    return 0;
}

const void *plan_blob(const struct init *init, uint32_t offset) {
    return offset == 0 ? "" : init->table + offset + 4;
}

const char *plan_text(const struct init *init, uint32_t offset) {
    return plan_blob(init, offset);
}

int plan_fd(const struct init *init, const struct plan_op *op) {
    return op->fd == PLAN_NO_FD ? -1 : init->first + 2 + op->fd;
}

void plan_list(const struct init *init, uint32_t offset, uint32_t count, const char **list) {
    const char *at = plan_text(init, offset);
    for (uint32_t i = 0; i < count; i++) {
        list[i] = at;
        at += strlen(at) + 1;
    }
    list[count] = NULL;
}

bool plan_needs_proc(const struct init *init) {
    for (uint32_t i = init->index; i < init->header->op_count; i++) {
        uint16_t kind = init->ops[i].kind;
        if (kind == PLAN_OP_SYSCTL || kind == PLAN_OP_LABEL || kind == PLAN_OP_WAIT_START
            || kind == PLAN_OP_MOUNT_LEGACY) {
            return true;
        }
    }
    return false;
}
