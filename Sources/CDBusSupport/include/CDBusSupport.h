// What a static libdbus-1 needs beside itself, and what it cannot be told otherwise.
#pragma once

#include <sys/types.h>

// While `is_set`, geteuid(2) answers `uid` to everybody in this process. A client of D-Bus names
// itself by that number when it connects, and libdbus-1 lets nobody choose it.
void cds_pretend_euid(uid_t uid, int is_set);
