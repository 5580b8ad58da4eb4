// Checks of the in-root resolver in a temporary directory, without namespaces or privileges.

#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

static int failures;
static char base[64];
static struct init init;

#define CHECK(condition) check((condition), #condition, __LINE__)

static void check(int condition, const char *text, int line) {
    if (!condition) {
        fprintf(stderr, "paths.c:%d: %s (errno detail: %s)\n", line, text, init.detail);
        failures++;
    }
}

static const char *in_base(const char *name) {
    static char path[2][PATH_MAX];
    static int turn;
    turn = !turn;
    snprintf(path[turn], PATH_MAX, "%s/%s", base, name);
    return path[turn];
}

static int exists(const char *name) {
    struct stat status;
    return lstat(in_base(name), &status) == 0;
}

static int make(const char *path, mode_t leaf, uint64_t resolve) {
    const struct path_options options = {.leaf = leaf, .parents = 0755, .resolve = resolve};
    int fd = path_make(&init, path, &options);
    close_quietly(&fd);
    return fd < 0 ? fd : 0;
}

static int opens(const char *path, int flags, uint64_t resolve) {
    int fd = path_open(&init, path, O_PATH | flags, resolve);
    close_quietly(&fd);
    return fd < 0 ? fd : 0;
}

static int parent(const char *path, bool create, char name[NAME_MAX + 1]) {
    int fd = path_parent(&init, path, create, name);
    close_quietly(&fd);
    return fd < 0 ? fd : 0;
}

static int link_to(const char *text, const char *name) {
    return symlink(text, in_base(name));
}

static void build(void) {
    CHECK(mkdir(in_base("root"), 0755) == 0);
    CHECK(mkdir(in_base("outside"), 0755) == 0);
    CHECK(mkdir(in_base("root/dir"), 0755) == 0);
    CHECK(mknod(in_base("root/file"), S_IFREG | 0644, 0) == 0);
    CHECK(link_to("/", "root/top") == 0);
    CHECK(link_to("../../../outside", "root/up") == 0);
    CHECK(link_to("/run", "root/dangling") == 0);
    CHECK(link_to("self", "root/self") == 0);
    CHECK(link_to("chain2/x", "root/chain1") == 0);
    CHECK(link_to("/chain3", "root/chain2") == 0);
    CHECK(link_to("dir/made", "root/chain3") == 0);
    CHECK(link_to("/proc/self/root", "root/magic") == 0);
    init = (struct init){.sync = -1, .fifo = -1, .proc = -1, .fork_gate = -1};
    init.root = open(in_base("root"), O_PATH | O_DIRECTORY | O_CLOEXEC);
    CHECK(init.root >= 0);
}

static void test_open(void) {
    CHECK(opens("/dir", O_DIRECTORY, 0) == 0);
    CHECK(opens("", O_DIRECTORY, 0) == 0);
    CHECK(opens("/../../../dir/..//file", 0, 0) == 0);
    CHECK(opens("/top/top/dir", 0, 0) == 0);
    CHECK(opens("/file", O_DIRECTORY, 0) == -ENOTDIR);
    CHECK(opens("/file/x", 0, 0) == -ENOTDIR);
    CHECK(opens("/self", 0, 0) == -ELOOP);
    CHECK(opens("/up", 0, 0) == -ENOENT);
    CHECK(opens("/top/dir", 0, 0x04 /* RESOLVE_NO_SYMLINKS */) == -ELOOP);
}

static void test_make(void) {
    CHECK(make("/a/b/c", S_IFDIR | 0755, 0) == 0 && exists("root/a/b/c"));
    CHECK(make("a//b/./c/", S_IFDIR | 0755, 0) == 0);
    CHECK(make("/a/f/file", S_IFREG | 0644, 0) == 0 && exists("root/a/f/file"));
    CHECK(make("/file/x", S_IFDIR | 0755, 0) == -ENOTDIR);
    CHECK(make("/self/x", S_IFDIR | 0755, 0) == -ELOOP);
    CHECK(make("/missing/../other", S_IFDIR | 0755, 0) == 0 && exists("root/other"));
    CHECK(make("/", S_IFDIR | 0755, 0) == 0);
}

// Dangling symlinks are completed inside of the root, whatever they say.
static void test_links(void) {
    CHECK(make("/dangling/sub/file", S_IFREG | 0644, 0) == 0 && exists("root/run/sub/file"));
    CHECK(make("/up/x", S_IFDIR | 0755, 0) == 0 && exists("root/outside/x"));
    CHECK(!exists("outside/x"));
    CHECK(make("/chain1/deep", S_IFDIR | 0755, 0) == 0 && exists("root/dir/made/x/deep"));
    CHECK(link_to("target", "root/leaf") == 0);
    CHECK(make("/leaf", S_IFREG | 0644, 0) == 0 && exists("root/target"));
    CHECK(make("/magic/x", S_IFDIR | 0755, 0) == 0 && exists("root/proc/self/root/x"));
    CHECK(link_to("nowhere", "root/strict") == 0);
    CHECK(make("/strict/x", S_IFDIR | 0755, 0x04) == -ELOOP && !exists("root/nowhere"));
}

static void test_parent(void) {
    char name[NAME_MAX + 1];
    CHECK(parent("/p/q/name", true, name) == 0 && strcmp(name, "name") == 0);
    CHECK(exists("root/p/q") && !exists("root/p/q/name"));
    CHECK(parent("name/", false, name) == 0 && strcmp(name, "name") == 0);
    CHECK(parent("/none/name", false, name) == -ENOENT);
    CHECK(parent("/", true, name) == -EINVAL);
    CHECK(parent("/dir/..", true, name) == -EINVAL);
    CHECK(parent("/dir/.", true, name) == -EINVAL);
}

static void test_limits(void) {
    char path[PATH_MAX + 16];
    memset(path, 'a', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    CHECK(make(path, S_IFDIR | 0755, 0) == -ENAMETOOLONG);
    path[300] = '\0';
    CHECK(make(path, S_IFDIR | 0755, 0) == -ENAMETOOLONG);
    // A symlink whose text only fits without the rest of the path.
    char text[PATH_MAX - 64];
    for (size_t i = 0; i < sizeof(text) - 1; i++) {
        text[i] = i % 200 == 199 ? '/' : 'b';
    }
    text[sizeof(text) - 1] = '\0';
    path[100] = '\0';
    CHECK(link_to(text, "root/long") == 0);
    char joined[2 * PATH_MAX];
    snprintf(joined, sizeof(joined), "/long/%s", path);
    CHECK(make(joined, S_IFDIR | 0755, 0) == -ENAMETOOLONG);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *at) {
    (void)status;
    (void)type;
    (void)at;
    return remove(path);
}

int main(void) {
    snprintf(base, sizeof(base), "/tmp/apus-paths-XXXXXX");
    if (mkdtemp(base) == NULL) {
        perror("mkdtemp");
        return 2;
    }
    umask(0);
    build();
    test_open();
    test_make();
    test_links();
    test_parent();
    test_limits();
    close(init.root);
    nftw(base, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("paths: %s\n", failures == 0 ? "ok" : "failed");
    return failures != 0;
}
