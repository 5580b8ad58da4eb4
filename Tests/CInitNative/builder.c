#include "builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void builder_start(struct builder *builder) {
    memset(builder, 0, sizeof(*builder));
    builder->used = 8; // offset 0 is the empty entry
}

uint32_t builder_bytes(struct builder *builder, const void *bytes, size_t size) {
    uint32_t offset = builder->used;
    uint32_t length = (uint32_t)size;
    size_t whole = (4 + size + 1 + 7) / 8 * 8;
    if (whole > sizeof(builder->table) - offset) {
        fprintf(stderr, "builder: table full\n");
        exit(2);
    }
    memcpy(builder->table + offset, &length, 4);
    memcpy(builder->table + offset + 4, bytes, size);
    builder->used += (uint32_t)whole;
    return offset;
}

uint32_t builder_text(struct builder *builder, const char *text) {
    return text[0] == '\0' ? 0 : builder_bytes(builder, text, strlen(text));
}

uint32_t builder_list(struct builder *builder, const char *const *items, size_t count) {
    static char joined[1u << 16];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(items[i]) + 1;
        if (used + size > sizeof(joined)) {
            fprintf(stderr, "builder: list too long\n");
            exit(2);
        }
        memcpy(joined + used, items[i], size);
        used += size;
    }
    return count == 0 ? 0 : builder_bytes(builder, joined, used);
}

struct plan_op *builder_op(struct builder *builder, plan_kind kind) {
    if (builder->op_count == BUILDER_OPS) {
        fprintf(stderr, "builder: too many operations\n");
        exit(2);
    }
    struct plan_op *op = &builder->ops[builder->op_count++];
    op->kind = (uint16_t)kind;
    op->fd = PLAN_NO_FD;
    return op;
}

size_t builder_finish(const struct builder *builder, void *plan, size_t capacity) {
    size_t ops = builder->op_count * sizeof(struct plan_op);
    size_t size = sizeof(struct plan_header) + ops + builder->used;
    struct plan_header header = {
        .magic = PLAN_MAGIC,
        .version = PLAN_VERSION,
        .flags = builder->flags,
        .size = (uint32_t)size,
        .op_count = builder->op_count,
        .table_offset = (uint32_t)(sizeof(struct plan_header) + ops),
        .table_size = builder->used,
        .fd_count = builder->fd_count,
        .payload_fds = builder->payload_fds,
    };
    if (size > capacity) {
        return 0;
    }
    char *at = plan;
    memcpy(at, &header, sizeof(header));
    memcpy(at + sizeof(header), builder->ops, ops);
    memcpy(at + sizeof(header) + ops, builder->table, builder->used);
    return size;
}
