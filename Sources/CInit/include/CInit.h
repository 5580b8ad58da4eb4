// The init stage: runs inside the new container's namespaces before its program.
//
// Admission rule for this target: only what must happen inside the container's namespaces, in the
// process that becomes its program. Whatever the parent can do by pid or descriptor is refused
// here. No malloc, no stdio, no Swift, libc only.

#ifndef APUS_CINIT_H
#define APUS_CINIT_H

#include <stddef.h>
#include <stdint.h>

#include "plan.h"
#include "sync.h"
#include "wire.h"

// argv[2] of the init stage is the number of its first descriptor, in decimal: the sync socket
// there, the sealed plan after it, then the plan's descriptors in order. Lower ones are the
// program's: 0..2 and 3..2+payload_fds must be open, others are closed.
#define INIT_ARGUMENT "init"

// Runs the init stage and does not return on success (it executes the program); returns an exit
// status when it was called by hand or its descriptors are not what they must be.
int init_main(int argc, char *_Nullable *_Nonnull argv);

// Checks every offset, count, kind and string of a plan before anything of it is executed.
// Returns 0, or a negative errno with the offending operation in *bad_op (UINT32_MAX: the header).
int plan_validate(const void *_Nonnull plan, size_t size, uint32_t *_Nonnull bad_op);

// The name of an operation as `apus plan` prints it, or "?".
const char *_Nonnull plan_op_name(uint16_t kind);

// The name of a failing call, or "?".
const char *_Nonnull sync_call_name(uint16_t call);

#endif
