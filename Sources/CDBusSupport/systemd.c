// libdbus-1 asks libsystemd for sockets that a service manager has opened, in its server side only,
// which no client uses. Static programs have no libsystemd; a linked one takes precedence.
#include "CDBusSupport.h"

#include <errno.h>

__attribute__((weak)) int sd_listen_fds(int unset_environment);
__attribute__((weak)) int sd_is_socket(int fd, int family, int type, int listening);

int sd_listen_fds(int unset_environment) {
    (void)unset_environment;
    return 0;
}

int sd_is_socket(int fd, int family, int type, int listening) {
    (void)fd;
    (void)family;
    (void)type;
    (void)listening;
    return -ENOTSUP;
}
