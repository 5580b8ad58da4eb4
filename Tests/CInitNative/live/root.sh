# The root file system: mounts, devices, masks and the paths below the root.
# shellcheck shell=bash disable=SC2154

# Image attacks: each target is a symlink out of the root, absolute or with "..".
test_symlinks() {
    for to in "$work/outside" "../../../../../../../..$work/outside"; do
        fresh
        ln -s "$to" "$work"/rootfs/vol
        ln -s "$to/new" "$work"/rootfs/dangling
        ln -s "$to/file" "$work"/rootfs/filelink
        run <<P
$begin
mount s0=proc s2=/proc
mount s0=tmpfs s2=/vol/a/b
mkdir s2=/vol/made/dirs n0=0755
mkdir s2=/dangling/deep n0=0755
symlink s0=x s2=/vol/link
mknod s2=/vol/node n0=020666 n1=0x103
bind s1=/etc/passwd s2=/filelink
bind s1=/etc/passwd s2=/dangling2/file
unlink s2=/vol/file flags=1
pivot
$(shell "cat $work/outside/file | head -c 5;mount")
P
        has '^root:'
        has "none on $work/outside/a/b "
        inside "$work/outside/made/dirs"
        inside "$work/outside/new/deep"
        inside "$work/outside/node"
        [ -L "$work/rootfs/$work/outside/link" ] || fail "no symlink in the root"
        safe
    done
}

test_proc_symlink() {
    for fs in proc sysfs; do
        fresh
        rmdir "$work"/rootfs/proc
        ln -s /tmp "$work"/rootfs/proc
        run <<P
$begin
mount s0=$fs s2=/proc flags=0x200
$(shell true)
P
        has '^fail mount: check: ELOOP'
    done
}

test_root_target() {
    for target in / /. /tmp/.. /up /../..; do
        ln -sfn / "$work"/rootfs/up
        run <<P
$begin
mount s0=tmpfs s2=$target
$(shell true)
P
        has '^fail mount: check: EINVAL.*root itself'
        run <<P
$begin
bind s1=/tmp s2=$target
$(shell true)
P
        has '^fail bind: check: EINVAL.*root itself'
    done
}

test_mismatch() {
    touch "$work"/rootfs/file
    run <<P
$begin
bind s1=/tmp s2=/file flags=1
bind s1=/etc/passwd s2=/tmp flags=1
mount s0=tmpfs s2=/file flags=1
mkdir s2=/file n0=0755 flags=1
bind s1=/nonexistent s2=/x flags=1
pivot
$(shell true)
P
    has '^warn bind: check: ENOTDIR\(20\) \[/file\]'
    has '^warn bind: check: ENOTDIR\(20\) \[/tmp\]'
    has '^warn mount: check: ENOTDIR'
    has '^warn mkdir: mkdirat: ENOTDIR'
    has '^warn bind: open_tree: ENOENT\(2\) \[/nonexistent\]'
    has '^exit 0$'
}

# The console's names in the image point outside, with no mount over /dev.
test_console_symlinks() {
    ln -s "$work"/outside/new "$work"/rootfs/dev/console
    mkdir "$work"/rootfs/dev/pts
    run <<P
$begin
mount s0=devpts s1=devpts s2=/dev/pts l3=newinstance l3=ptmxmode=0666
pivot
setsid
console flags=0x800
$(shell true)
P
    has '^fail console: check: ELOOP\(40\) \[/dev/console\]'
    safe
    rm "$work"/rootfs/dev/console
    run <<P
$begin
mount s0=tmpfs s1=tmpfs s2=/dev/pts
pivot
setsid
console
$(shell true)
P
    has '^fail console: check: ENODEV.*not devpts'
    fresh
    rmdir "$work"/rootfs/dev
    ln -s "$work"/outside "$work"/rootfs/dev
    run <<P
$begin
mknod s2=/dev/null n0=020666 n1=0x103
symlink s0=pts/ptmx s2=/dev/ptmx
symlink s0=/proc/self/fd s2=/dev/fd
$(shell true)
P
    safe
}

# A masked path must not become a bind of something else (CVE-2025-31133).
test_null_replaced() {
    for kind in symlink file zero missing; do
        fresh
        echo secret > "$work"/rootfs/secret
        case $kind in
        symlink) ln -s /etc/passwd "$work"/rootfs/dev/null ;;
        file) echo other > "$work"/rootfs/dev/null ;;
        zero) mknod "$work"/rootfs/dev/null c 1 5 ;;
        missing) ;;
        esac
        run <<P
$begin
pivot
mask-path s2=/secret flags=2
$(shell 'cat /secret')
P
        has '^fail mask-path: (check|openat2): (ENODEV|ELOOP)'
        lacks '^(secret|other|root)'
        # drive's own standard output is no null device, so only descriptor 0 is affected.
        output=$(sed "s|@R|$work/rootfs|g" > "$work"/plan <<P
$begin
pivot
stdio-null
$(shell 'ls -l /proc/self/fd')
P
        timeout 30 "$drive" < "$work"/plan 2>/dev/null >"$work"/out; cat "$work"/out)
        has '^fail stdio-null: (check|openat2): (ENODEV|ELOOP)'
    done
}

test_masks() {
    mkdir -p "$work"/rootfs/{d1,d2}/x "$work"/rootfs/ro
    echo secret > "$work"/rootfs/secret
    run <<P
$begin
$dev
pivot
mask-path s2=/d1
mask-path s2=/d2
mask-path s2=/secret
mask-path s2=/none flags=2
readonly-path s2=/ro
readonly-path s2=/none flags=2
readonly-path s2=/none flags=1
mask-path s2=/ flags=1
$(shell 'ls /d1 /d2;cat /secret;echo x 2>/dev/null >/d1/y || echo d1 ro;touch /ro/x 2>/dev/null || echo path ro;mount')
P
    lacks '^x$|^secret$'
    has '^d1 ro$'
    has '^path ro$'
    has '^warn readonly-path: openat2: ENOENT\(2\) \[/none\]'
    has '^warn mask-path: check: EINVAL'
    has ' on /d2 type tmpfs \(ro,nosuid,nodev,noexec'
    has '^exit 0$'
}

test_copyup() {
    mkdir -p "$work"/rootfs/data/sub/empty
    echo content > "$work"/rootfs/data/sub/file
    chown 12:34 "$work"/rootfs/data/sub/file
    chmod 4751 "$work"/rootfs/data/sub/file
    ln -s "$work"/outside/file "$work"/rootfs/data/link
    mkfifo "$work"/rootfs/data/fifo
    mknod "$work"/rootfs/data/zero c 1 5
    touch -d 2001-02-03T04:05:06Z "$work"/rootfs/data/sub
    chmod 0711 "$work"/rootfs/data
    for i in $(seq 300); do touch "$work/rootfs/data/sub/empty/a-rather-long-file-name-$i"; done
    run <<P
$begin
mount s0=tmpfs s2=/data flags=0x4400 n0=1
mount s0=tmpfs s2=/new/dir flags=0x4400
$dev
pivot
$(shell 'cd /data;stat -c %a:%u:%g:%Y /data sub/file sub;readlink link;stat -c %F:%t:%T fifo zero;ls sub/empty|busybox wc -l;cat sub/file;mount;touch /data/x || echo data ro;stat -c %a /new/dir')
P
    has '^711:0:0'
    has '^4751:12:34:'
    has '^755:0:0:981173106$'
    has "^$work/outside/file$"
    has '^fifo:0:0$'
    has '^character special file:1:5$'
    has '^300$'
    has '^content$'
    has '^data ro$'
    has '^1777$'
    safe
}

test_mount_errors() {
    run <<P
$begin
mount s0=tmpfs s2=/tmp l3=size=bad flags=1
mount s0=tmpfs s2=/tmp l3=nonsense flags=1
mount s0=nosuchfs s2=/tmp flags=1
mount s0=overlay s1=o s2=/tmp l3=lowerdir=/nonexistent flags=1
mount s0=tmpfs s2=/tmp l3=ro l3=noatime flags=1
mount s0=tmpfs s2=/tmp n0=0x10 l3=ro l3=size=1m
pivot
mount s0=proc s2=/proc
$(shell mount)
P
    has '^warn mount: fsconfig: EINVAL\(22\) \[size=bad: tmpfs: Bad value'
    has "^warn mount: fsconfig: EINVAL\(22\) \[nonsense: tmpfs: Unknown parameter"
    has '^warn mount: fsopen: ENODEV\(19\) \[nosuchfs\]'
    has '^warn mount: fsconfig: E'
    has ' on /tmp type tmpfs \(ro,noatime,size=1024k'
}

test_legacy() {
    touch "$work"/rootfs/file
    run <<P
$begin
mount s0=proc s2=/proc
mount-legacy s0=tmpfs s1=tmpfs s2=/tmp s3=size=1m,mode=700 n0=2 n1=0x40000
mount-legacy s1=none s2=/tmp n0=0x23
mount-legacy s1=/etc/passwd s2=/file n0=0x1000
mount-legacy s2=/file n0=0x1021
pivot
mount-legacy s0=tmpfs s1=late s2=/late/dir
mount-legacy s2=/nope n0=0x1021 flags=1
$(shell 'mount;pwd;echo x>/file || echo file ro')
P
    has 'tmpfs on /tmp type tmpfs \(ro,nosuid.*size=1024k,mode=700'
    has ' on /file '
    has '^file ro$'
    has 'late on /late/dir type tmpfs'
    has '^/$'
    has '^warn mount-legacy: openat2: ENOENT'
}

test_cgroup1() {
    grep -q '	cpu' <<<"$(tail -n +2 /proc/cgroups | sed 's/^/\t/')" || return 0
    run <<P
$begin
$dev
mount s0=tmpfs s1=cgroup s2=/sys/fs/cgroup l3=mode=755
mount s0=cgroup s1=cgroup s2=/sys/fs/cgroup/pids n0=14 l3=pids flags=1
mount s0=cgroup s1=cgroup s2=/sys/fs/cgroup/systemd n0=14 l3=none l3=name=systemd flags=1
mount s0=cgroup2 s1=cgroup s2=/sys/fs/cgroup/unified flags=1
pivot
$(shell mount)
P
    has '^exit 0$'
}

test_bind_fd() {
    mkdir -p "$work"/share/sub
    run <<P
$begin
bind fd=tree:@W/share s2=/share
bind fd=tree:@W/share s2=/linked/share n2=0x80000 flags=0x200
bind s1=@W/share s2=/ro n0=1 n1=0
setattr s2=/share n0=1 flags=0x100
mount s0=tmpfs s2=/linked/share/sub
mount s0=proc s2=/proc
pivot
$(shell 'mount;cat /proc/self/mountinfo')
P
    has ' on /share .*\(ro,'
    has ' on /ro .*\(ro,'
    has ' on /linked/share/sub type tmpfs'
    grep -q "$work/share/sub" /proc/mounts && fail "the mount has spread to the host"
    ln -s /tmp "$work"/rootfs/link
    run <<P
$begin
bind s1=/tmp s2=/link flags=0x200
$(shell true)
P
    has '^fail bind: check: ELOOP'
}

test_shared_root() {
    run <<P
unshare n0=0x6e020000
fork
propagation n0=0x104000
rootfs s0=@R flags=0x100
$dev
pivot
setattr s2=/ n2=0x104000 flags=0x100
$(shell 'head -1 /proc/self/mountinfo')
P
    has 'shared:'
    has '^exit 0$'
    grep -q "$work/rootfs" /proc/mounts && fail "mounts have spread to the host"
}

test_move_root() {
    run <<P
$begin
$dev
move-root
$(shell 'mount;ls /;cd ..;cd ..;pwd')
P
    has '^busybox$|^bin$'
    has '^exit 0$'
    lacks 'sysfs'
}

# In a mount namespace of others: a directory becomes the root and nothing is mounted.
test_chroot() {
    ln -s "$work"/rootfs "$work"/share/link
    run <<P
unshare n0=0x20000
chroot s2=@W/share/link
$(shell 'head -1 /etc/passwd;cd /;cd ..;cd ..;pwd')
P
    has '^root:x:0'
    has '^/$'
    has '^exit 0$'
    run <<P
unshare n0=0x20000
chroot fd=path:@R
$(shell 'head -1 /etc/passwd')
P
    has '^root:x:0'
    ln -s /proc/self/root "$work"/share/magic
    run <<P
unshare n0=0x20000
chroot s2=@W/share/magic
$(shell 'id')
P
    has '^fail chroot: openat2: ELOOP'
}

# What is done instead of a mount is only done when the kernel refuses it.
test_refused_mount() {
    chmod 755 "$work" "$work"/rootfs
    local flags
    # Without a network namespace of its own a user namespace gets no sysfs.
    for flags in 0x2a020000 0x6a020000; do
        run --map '0 0 1' <<P
dumpable n0=1
unshare n0=0x10000000
sync n0=1
become-root
unshare n0=$flags
fork
propagation n0=0x84000
rootfs s0=@R flags=0x100
mount s0=sysfs s2=/sys flags=0x8
bind s1=@W/outside s2=/sys flags=0x4
setattr s2=/sys n0=1 flags=0x4
pivot
$(shell 'ls /sys')
P
        has '^exit 0$'
        if [ $flags = 0x2a020000 ]; then has '^file$'; else has '^kernel$'; fi
    done
    run <<P
$begin
mount s0=sysfs s2=/sys flags=0x8
umask
$(shell 'id')
P
    has '^fail mount: plan_validate: EINVAL'
}

# The program's /proc is full of lies; labels and sysctls do not pass through it.
test_fake_proc() {
    mkdir -p "$work"/rootfs/proc/self/attr "$work"/rootfs/proc/thread-self/attr \
        "$work"/rootfs/proc/sys/kernel
    touch "$work"/rootfs/proc/self/attr/exec "$work"/rootfs/proc/sys/kernel/msgmax \
        "$work"/rootfs/proc/thread-self/attr/exec
    run <<P
$begin
pivot
sysctl s0=kernel/msgmax s1=7777
label s0=exec s1=label flags=1
mount s0=proc s2=/real
$(shell 'cat /real/sys/kernel/msgmax')
P
    has '^7777$'
    [ ! -s "$work"/rootfs/proc/sys/kernel/msgmax ] || fail "the image's file was written"
    [ ! -s "$work"/rootfs/proc/thread-self/attr/exec ] || fail "the image's file was written"
}

# Somebody who shares a volume exchanges a directory and a symlink to the outside all the time
# while containers start (CVE-2021-30465, CVE-2024-45310).
test_race() {
    [ -x "$(dirname "$drive")/exchange" ] || return 0
    mkdir -p "$work"/rootfs/vol/target "$work"/outside/sub
    outside=$(cd "$work"/outside && find . | sort)
    ln -s "$work"/outside "$work"/rootfs/vol/other
    "$(dirname "$drive")"/exchange "$work"/rootfs/vol/target "$work"/rootfs/vol/other &
    local racer=$!
    for _ in $(seq 40); do
        run <<P
$begin
mkdir s2=/vol/target/a/b/c n0=0755 flags=1
mount s0=tmpfs s2=/vol/target/m flags=1
bind s1=/etc/passwd s2=/vol/target/f/file flags=1
mknod s2=/vol/target/node n0=010666 flags=1
symlink s0=x s2=/vol/target/link flags=1
mask-path s2=/vol/target/sub flags=3
readonly-path s2=/vol/target flags=1
$(shell true)
P
        safe
        [ "$broken" = 0 ] || break
    done
    kill "$racer"
    wait "$racer" 2>/dev/null
}
