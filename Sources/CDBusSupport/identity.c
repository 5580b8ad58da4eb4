// The uid that libdbus-1 gives for the caller. The bus compares it with what the kernel tells of the
// connection, in the bus's user namespace; to the root of another one geteuid(2) says 0.
//
// This definition takes the place of libc's, in a static program as in a dynamic one.
#define _GNU_SOURCE
#include "CDBusSupport.h"

#include <sys/syscall.h>
#include <unistd.h>

static uid_t pretended;
static int pretends;

void cds_pretend_euid(uid_t uid, int is_set) {
    pretended = uid;
    pretends = is_set;
}

uid_t geteuid(void) {
    if (pretends)
        return pretended;
    return (uid_t)syscall(SYS_geteuid);
}
