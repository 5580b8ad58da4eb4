// Mutation fuzzer of the plan validator: fuzz SECONDS [SEED]
//
// Starts from a valid plan that holds operands of every form, damages it, and asks plan_validate. The
// sanitizers watch it. When it accepts a damaged plan, every operand is walked as the executor
// would, so that a plan that passes is also one that can be read safely. The buffer is allocated
// with the exact size: one byte too far is an error.

#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "builder.h"
#include "init.h"

static uint64_t state;

// xorshift64*: the same numbers for the same seed everywhere.
static uint64_t next_random(void) {
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717u;
}

static uint64_t below(uint64_t limit) {
    return limit == 0 ? 0 : next_random() % limit;
}

static void add_common(struct builder *builder) {
    const char *options[] = {"mode=755", "size=1m", "ro"};
    struct plan_op *op = builder_op(builder, PLAN_OP_MOUNT);
    op->str[0] = builder_text(builder, "tmpfs");
    op->str[1] = builder_text(builder, "source");
    op->str[2] = builder_text(builder, "/dev");
    op->str[3] = builder_list(builder, options, 3);
    op->num[2] = 3;
    op->origin = builder_text(builder, "mounts/1");
    op = builder_op(builder, PLAN_OP_BIND);
    op->fd = 0;
    op->str[2] = builder_text(builder, "/etc/hosts");
    op = builder_op(builder, PLAN_OP_SETNS);
    op->fd = 1;
    op->num[0] = 0x40000000;
    op = builder_op(builder, PLAN_OP_ROOTFS);
    op->str[0] = builder_text(builder, "/rootfs");
    op = builder_op(builder, PLAN_OP_SYSCTL);
    op->str[0] = builder_text(builder, "net/ipv4/ip_forward");
    op->str[1] = builder_text(builder, "1");
    builder_op(builder, PLAN_OP_FORK);
}

static void add_blobs(struct builder *builder) {
    const char *words[] = {"a", "", "ccc"};
    const char bytes[64] = {1, 2, 3};
    struct plan_op *op = builder_op(builder, PLAN_OP_SECCOMP);
    op->str[0] = builder_bytes(builder, bytes, 32);
    op->num[0] = 4;
    op = builder_op(builder, PLAN_OP_SETGROUPS);
    op->str[0] = builder_bytes(builder, bytes, 12);
    op->num[0] = 3;
    op = builder_op(builder, PLAN_OP_MEMPOLICY);
    op->str[0] = builder_bytes(builder, bytes, 16);
    op->num[1] = 65;
    op = builder_op(builder, PLAN_OP_HOOK);
    op->str[0] = builder_text(builder, "/bin/hook");
    op->str[1] = builder_list(builder, words, 3);
    op->str[2] = builder_list(builder, words, 2);
    op->str[3] = builder_list(builder, words, 2);
    op->num[0] = (uint64_t)3 << 32 | 2;
    op->num[2] = (uint64_t)1 << 32 | 2;
    op = builder_op(builder, PLAN_OP_EXEC);
    op->str[0] = builder_list(builder, words, 3);
    op->str[1] = builder_list(builder, words, 1);
    op->num[0] = 3;
    op->num[1] = 1;
}

static size_t make_seed(char *plan, size_t capacity) {
    static struct builder builder;
    builder_start(&builder);
    builder.fd_count = 2;
    add_common(&builder);
    add_blobs(&builder);
    return builder_finish(&builder, plan, capacity);
}

static const uint32_t interesting[] = {
    0,
    1,
    2,
    4,
    7,
    8,
    16,
    255,
    256,
    0x7fffffff,
    0x80000000u,
    0xfffffff8u,
    0xfffffffbu,
    0xfffffffcu,
    0xffffffffu,
};

static void mutate(char *plan, size_t size) {
    for (uint64_t count = 1 + below(4); count > 0; count--) {
        size_t at = below(size);
        uint32_t value = interesting[below(sizeof(interesting) / sizeof(interesting[0]))];
        switch (below(5)) {
        case 0: plan[at] = (char)next_random(); break;
        case 1: plan[at] ^= (char)(1 << below(8)); break;
        case 2: memcpy(plan + at / 4 * 4, &value, size - at / 4 * 4 < 4 ? 0 : 4); break;
        case 3: plan[at] = 0; break;
        default: {
            // A small step up or down in an aligned word: lengths and offsets that just miss.
            if (size - at / 4 * 4 < 4) {
                break;
            }
            uint32_t word;
            memcpy(&word, plan + at / 4 * 4, 4);
            word += (uint32_t)below(17) - 8;
            memcpy(plan + at / 4 * 4, &word, 4);
        }
        }
    }
}

static uint64_t sum;

static void touch(const char *text, uint64_t size) {
    for (uint64_t i = 0; i < size; i++) {
        sum += (unsigned char)text[i];
    }
}

static void touch_list(const struct init *init, uint32_t offset, uint64_t count) {
    const char **list = calloc(count + 1, sizeof(char *));
    plan_list(init, offset, (uint32_t)count, list);
    for (uint64_t i = 0; i < count; i++) {
        touch(list[i], strlen(list[i]));
    }
    free(list);
}

// Reads what the executor would read.
static void walk(const char *plan) {
    struct init init = {.header = (const struct plan_header *)plan, .first = 3};
    init.ops = (const struct plan_op *)(init.header + 1);
    init.table = plan + init.header->table_offset;
    sum += plan_needs_proc(&init);
    for (uint32_t i = 0; i < init.header->op_count; i++) {
        const struct plan_op *op = &init.ops[i];
        for (int s = 0; s < 4; s++) {
            touch(plan_text(&init, op->str[s]), strlen(plan_text(&init, op->str[s])));
        }
        touch(plan_text(&init, op->origin), strlen(plan_text(&init, op->origin)));
        switch (op->kind) {
        case PLAN_OP_MOUNT: touch_list(&init, op->str[3], op->num[2]); break;
        case PLAN_OP_EXEC:
            touch_list(&init, op->str[0], op->num[0]);
            touch_list(&init, op->str[1], op->num[1]);
            break;
        case PLAN_OP_HOOK:
            touch_list(&init, op->str[1], op->num[0] >> 32);
            touch_list(&init, op->str[2], (uint32_t)op->num[0]);
            touch_list(&init, op->str[3], 2);
            break;
        case PLAN_OP_SECCOMP: touch(plan_blob(&init, op->str[0]), op->num[0] * 8); break;
        case PLAN_OP_SETGROUPS: touch(plan_blob(&init, op->str[0]), op->num[0] * 4); break;
        case PLAN_OP_MEMPOLICY:
            touch(plan_blob(&init, op->str[0]), (op->num[1] + 63) / 64 * 8);
            break;
        default: break;
        }
        sum += (uint64_t)(plan_fd(&init, op) + 1);
    }
}

int main(int argc, char **argv) {
    static char seed[1u << 16];
    uint64_t runs = 0;
    uint64_t accepted = 0;
    uint32_t bad;
    long seconds = argc > 1 ? atol(argv[1]) : 5;
    state = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : 0x41707573;
    size_t size = make_seed(seed, sizeof(seed));
    char *exact = malloc(size);
    memcpy(exact, seed, size);
    if (plan_validate(exact, size, &bad) != 0) {
        fprintf(stderr, "fuzz: the seed is refused at operation %u\n", bad);
        return 1;
    }
    walk(exact);
    for (time_t end = time(NULL) + seconds; (runs & 1023) != 0 || time(NULL) < end; runs++) {
        size_t length = below(8) == 0 ? below(size + 1) : size;
        char *plan = malloc(length == 0 ? 1 : length);
        memcpy(plan, seed, length);
        mutate(plan, length == 0 ? 1 : length);
        if (length >= sizeof(struct plan_header) && below(2) == 0) {
            ((struct plan_header *)plan)->size = (uint32_t)length;
        }
        if (plan_validate(plan, length, &bad) == 0) {
            accepted++;
            walk(plan);
        }
        free(plan);
    }
    free(exact);
    printf("fuzz: %llu plans, %llu accepted, checksum %llx\n", (unsigned long long)runs,
        (unsigned long long)accepted, (unsigned long long)sum);
    return accepted == 0 || accepted == runs;
}
