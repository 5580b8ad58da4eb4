// What a checkpoint must keep beyond a process and its streams: connections, locks, open files,
// memory. One command makes it, another one asks for it, `trap` waits between them.
#define _GNU_SOURCE
#include "payload.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int near_end = -1, far_end = -1, kept_file = -1;
static unsigned char *memory;
static size_t memory_size;

// connect [pending]: a TCP connection of this process with itself; `pending` leaves it in the queue
// of the listener.
int cmd_connect(int argc, char **argv) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, 4) < 0
        || getsockname(listener, (struct sockaddr *)&address, &size) < 0)
        return report("listen", -1);
    near_end = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(near_end, (struct sockaddr *)&address, size) < 0)
        return report("connect", -1);
    if (argc > 1 && !strcmp(argv[1], "pending"))
        return 0;
    far_end = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    close(listener);
    return report("connect", far_end);
}

// datagram PATH: a unix socket that is connected to the one at PATH.
int cmd_datagram(int argc, char **argv) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (argc < 2)
        return 64;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
    near_end = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    return report("datagram", connect(near_end, (struct sockaddr *)&address, sizeof address));
}

// exchange TEXT: sends it through the connection; reads it at the other end when that is ours too.
int cmd_exchange(int argc, char **argv) {
    char text[64] = {0};
    if (argc < 2)
        return 64;
    ssize_t count = send(near_end, argv[1], strlen(argv[1]), MSG_NOSIGNAL);
    if (count >= 0 && far_end >= 0)
        count = recv(far_end, text, sizeof text - 1, 0);
    if (count >= 0 && far_end >= 0 && strcmp(text, argv[1]) != 0) {
        printf("exchange=%s\n", text);
        return 1;
    }
    return report("exchange", count);
}

// lock PATH: holds an exclusive lock of the file.
int cmd_lock(int argc, char **argv) {
    if (argc < 2)
        return 64;
    kept_file = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    return report("lock", flock(kept_file, LOCK_EX | LOCK_NB));
}

// unlinked PATH LINK: an open file with the contents `kept`, whose name PATH is gone; LINK stays.
int cmd_unlinked(int argc, char **argv) {
    if (argc < 3)
        return 64;
    kept_file = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (write(kept_file, "kept", 4) != 4 || link(argv[1], argv[2]) < 0)
        return report("unlinked", -1);
    return report("unlinked", unlink(argv[1]));
}

// reread: the contents of the open file.
int cmd_reread(int argc, char **argv) {
    (void)argc, (void)argv;
    char text[64] = {0};
    if (pread(kept_file, text, sizeof text - 1, 0) < 0)
        return report("reread", -1);
    printf("reread=%s\n", text);
    return 0;
}

// fill MIB VALUE: that much memory, all of it the value.
int cmd_fill(int argc, char **argv) {
    size_t size = (size_t)number(argc, argv, 1, 1) << 20;
    if (!memory) {
        memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            return report("fill", -1);
        memory_size = size;
    }
    memset(memory, (int)number(argc, argv, 2, 1), memory_size);
    return report("fill", 0);
}

// filled VALUE: whether all of the memory still is.
int cmd_filled(int argc, char **argv) {
    long value = number(argc, argv, 1, 1);
    size_t same = 0;
    while (same < memory_size && memory[same] == (unsigned char)value)
        same++;
    printf("filled=%s\n", memory && same == memory_size ? "yes" : "no");
    return same != memory_size;
}
