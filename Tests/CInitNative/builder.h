// Builds plans in memory for the native tests: the C twin of the Swift encoder.

#ifndef APUS_TEST_BUILDER_H
#define APUS_TEST_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "CInit.h"

#define BUILDER_OPS 256
#define BUILDER_TABLE (1u << 20)

struct builder {
    struct plan_op ops[BUILDER_OPS];
    uint32_t op_count;
    char table[BUILDER_TABLE];
    uint32_t used;
    uint32_t fd_count;
    uint32_t payload_fds;
    uint16_t flags;
};

void builder_start(struct builder *builder);

// Adds an entry to the table and returns its offset.
uint32_t builder_bytes(struct builder *builder, const void *bytes, size_t size);
uint32_t builder_text(struct builder *builder, const char *text);
uint32_t builder_list(struct builder *builder, const char *const *items, size_t count);

// Adds an operation without operands.
struct plan_op *builder_op(struct builder *builder, plan_kind kind);

// Writes header, operations and table into `plan`; returns the size, or 0 when it does not fit.
size_t builder_finish(const struct builder *builder, void *plan, size_t capacity);

#endif
