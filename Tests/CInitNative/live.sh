#!/bin/bash
# Runs plans through the real init stage with `drive` and looks at what came of them.
#   live.sh DRIVE BUSYBOX [NAME...]     needs root; BUSYBOX is a static one
# Everything happens in a temporary directory and in namespaces of its own.
set -u
drive=$(realpath "$1")
busybox=$(realpath "$2")
shift 2
work=$(mktemp -d)
chmod 711 "$work"
trap 'rm -rf "$work"' EXIT
failed=0
passed=0
output=

# A fresh rootfs for each test, with an outside directory that nothing may ever reach.
fresh() {
    rm -rf "$work"/rootfs "$work"/outside "$work"/share
    mkdir -p "$work"/rootfs/{bin,proc,sys,dev,tmp,etc} "$work"/outside "$work"/share
    cp "$busybox" "$work"/rootfs/bin/busybox
    for applet in sh ls cat mount id stat readlink grep head touch echo mkdir pwd env tty stty \
        find sleep; do
        ln -s busybox "$work/rootfs/bin/$applet"
    done
    echo untouched > "$work"/outside/file
    printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n' \
        > "$work"/rootfs/etc/passwd
    outside=$(cd "$work"/outside && find . | sort)
}

# Runs the plan on standard input; options before it go to drive.
run() {
    output=$(sed "s|@R|$work/rootfs|g; s|@W|$work|g" | timeout 30 "$drive" "$@" 2>&1)
}

fail() {
    echo "not ok - $name: $*"
    sed 's/^/    # /' <<<"$output"
    failed=$((failed + 1))
    broken=1
}

has() { grep -qE -- "$1" <<<"$output" || fail "no line matches: $1"; }
lacks() { ! grep -qE -- "$1" <<<"$output" || fail "a line matches: $1"; }
inside() { [ -e "$work/rootfs/$1" ] || fail "not created in the root: $1"; }
# Nothing outside of the root was created, removed or written.
safe() {
    [ "$outside" = "$(cd "$work"/outside && find . | sort)" ] || fail "outside was changed"
    [ "$(cat "$work"/outside/file)" = untouched ] || fail "a file outside was written"
}

# Common beginnings and ends of plans.
begin='unshare n0=0x6e020000
fork
propagation n0=0x84000
rootfs s0=@R flags=0x100'
dev='mount s0=proc s1=proc s2=/proc flags=0x200
mount s0=tmpfs s1=tmpfs s2=/dev n0=2 l3=mode=755
mount s0=devpts s1=devpts s2=/dev/pts n0=10 l3=newinstance l3=ptmxmode=0666 l3=mode=0620
mknod s2=/dev/null n0=020666 n1=0x103'
shell() { # shell SCRIPT: the end of a plan
    printf 'resolve-exec s0=sh s1=/bin\nclose-fds\nexec l0=sh l0=-c l0=%s l1=PATH=/bin\n' \
        "${1// /\\_}"
}

test_basic() {
    run <<P
$begin
sync n0=3
$dev
pivot
stdio-null
hostname s0=live
domainname s0=domain
sysctl s0=kernel/msgmax s1=8000
chdir s0=/tmp
umask n0=027
$(shell 'busybox hostname;pwd;cat /proc/sys/kernel/msgmax;umask;ls -l /proc/self/fd')
P
    has '^reached 3'
    has '^live$'
    has '^/tmp$'
    has '^8000$'
    has '^0027$'
    lacks ' 4 -> '
    has '^exit 0$'
    # Not by a shell: those change dispositions themselves.
    trap '' QUIT HUP
    run <<P
$begin
$dev
pivot
resolve-exec s0=grep s1=/bin
exec l0=grep l0=Sig l0=/proc/self/status
P
    trap - QUIT HUP
    has '^SigIgn:.0000000000000000$'
    has '^SigBlk:.0000000000000000$'
}

test_userns() {
    run --map "0 100000 65536" <<P
dumpable n0=1
unshare n0=0x10000000
sync n0=1
become-root
dumpable n0=0
unshare n0=0x6e020000
fork
propagation n0=0x84000
rootfs s0=@R flags=0x100
mount s0=proc s1=proc s2=/proc flags=0x200
mount s0=tmpfs s1=tmpfs s2=/dev n0=2 l3=mode=755
bind s1=/dev/null s2=/dev/null
mount s0=sysfs s1=sysfs s2=/sys n0=15 flags=0x200
pivot
loopback
sysctl s0=net/ipv4/ping_group_range s1=0\_0
mask-path s2=/proc/timer_list flags=2
readonly-path s2=/proc/sys
setgroups n0=0
setgid n0=1000
setuid n0=1000
capset
chdir s0=/
home n0=1000
$(shell 'id;env;cat /proc/self/uid_map;mount;busybox ifconfig lo')
P
    has '^uid=1000'
    has '^HOME=/home/user$'
    has '100000 +65536'
    has 'proc on /proc/sys type proc \(ro'
    has 'UP LOOPBACK'
    has '^exit 0$'
}

# The root's path is closed to the mapped root: only the passed tree gets there.
test_userns_private_path() {
    chmod 700 "$work"
    run --map "0 100000 65536" <<P
dumpable n0=1
unshare n0=0x10000000
sync n0=1
become-root
unshare n0=0x6e020000
fork
propagation n0=0x84000
rootfs s0=@R fd=tree:@R
mount s0=proc s1=proc s2=/proc flags=0x200
mount s0=tmpfs s1=tmpfs s2=/dev n0=2 l3=mode=755
pivot
$(shell 'mount;ls /')
P
    chmod 711 "$work"
    has '^etc$'
    has '^exit 0$'
}

# An unprivileged user with one mapped id, in place of the root that runs the other tests.
test_rootless() {
    chmod 755 "$work" "$work"/rootfs
    output=$(sed "s|@R|$work/rootfs|g" <<P | timeout 30 setpriv --reuid 1000 --regid 1000 \
        --clear-groups "$drive" --map '0 1000 1' 2>&1
dumpable n0=1
unshare n0=0x10000000
sync n0=1
become-root
dumpable
unshare n0=0x6e020000
fork
propagation n0=0x84000
rootfs s0=@R flags=0x100
mount s0=proc s1=proc s2=/proc flags=0x200
mount s0=tmpfs s1=tmpfs s2=/dev n0=2 l3=mode=755
bind s1=/dev/null s2=/dev/null
mount s0=devpts s1=devpts s2=/dev/pts l3=newinstance l3=ptmxmode=0666
mount s0=mqueue s2=/dev/mqueue
mount s0=sysfs s2=/sys n0=15 flags=0x200
pivot
sysctl s0=net/ipv4/ip_unprivileged_port_start s1=0
mask-path s2=/proc/keys flags=2
mask-path s2=/sys/kernel flags=2
readonly-path s2=/proc/sys
setsid
console flags=0x800
$(shell 'id;tty;cat /proc/sys/net/ipv4/ip_unprivileged_port_start;ls /sys/kernel')
P
    )
    has '^uid=0'
    has '^/dev/pts/0'
    has '^0'
    has '^exit 0$'
}

# PID 1 reacts to the stop signal of a container that was created and never started.
test_stop_before_start() {
    mkfifo "$work"/fifo-stop
    # A payload that would show that the program has run.
    sed "s|@R|$work/rootfs|g; s|@W|$work|g" > "$work"/plan <<P
$begin
pivot
resolve-exec s0=sh s1=/bin
wait-start fd=path:@W/fifo-stop
exec l0=sh l0=-c l0=echo\_ran
P
    timeout 30 "$drive" < "$work"/plan > "$work"/out 2>&1 &
    local driver=$!
    while ! grep -q '^end of' "$work"/out; do sleep 0.05; done
    kill -TERM "$(cat /proc/"$(pgrep -P $driver)"/task/*/children)"
    wait "$driver"
    output=$(cat "$work"/out)
    has '^exit 143$'
    lacks '^ran'
}

test_wait_start() {
    rm -f "$work"/fifo
    mkfifo "$work"/fifo
    run --start <<P
$begin
$dev
pivot
resolve-exec s0=sh s1=/bin
wait-start fd=path:@W/fifo
hook s0=/bin/sh l1=sh l1=-c l1=echo\_in\_hook l3=a l3=b
close-fds
exec l0=sh l0=-c l0=echo\_started l1=PATH=/bin
P
    has '^fifo byte 1 0$'
    has '^fifo end 0$'
    has '^in hook$'
    has '^started$'
    run --start <<P
$begin
$dev
pivot
resolve-exec s0=sh s1=/bin
wait-start fd=path:@W/fifo
hook s0=/bin/sh l1=sh l1=-c l1=exit\_3 l3=a l3=b
exec l0=sh
P
    has '^late fail hook: hook exit status: .*\(3\) \[/bin/sh\]'
    echo junk > "$work"/rootfs/bin/junk
    chmod +x "$work"/rootfs/bin/junk
    run --start <<P
$begin
pivot
resolve-exec s0=junk s1=/bin
wait-start fd=path:@W/fifo
close-fds
exec l0=junk
P
    has '^late fail exec: execve: ENOEXEC\(8\) \[/bin/junk\]'
}

test_hooks() {
    run --payload 1 <<P
$begin
hook s0=/bin/sh l1=sh l1=-c l1=cat;echo\_;echo\_A=\$A;ls\_-l\_/proc/self/fd l2=A=1 l2=PATH=/bin:/usr/bin l3={"pid": l3=,"x":1}
hook s0=/bin/sh l1=sh l1=-c l1=exit\_7 l3=a l3=b flags=1
hook s0=/bin/sh l1=sh l1=-c l1=kill\_-9\_\$\$ l3=a l3=b flags=1
hook s0=/bin/sleep l1=sleep l1=10 l3=a l3=b n1=100 flags=1
hook s0=/bin/sh l1=sh l1=-c l1=(sleep\_0.1\_&)\_;\_exit\_0 l3=a l3=b n1=5000
hook s0=/nonexistent l1=x l3=a l3=b flags=1
pivot
$(shell 'echo done')
P
    has '\{"pid":1,"x":1\}'
    has '^A=1$'
    lacks ' [56789] -> | [12][0-9] -> '
    has '^warn hook: hook exit status: .*\(7\)'
    has '^warn hook: hook signal: .*\(9\)'
    has '^warn hook: hook timeout: ETIMEDOUT'
    has '^warn hook: execve: ENOENT'
    has '^done$'
}

test_console() {
    run <<P
$begin
$dev
pivot
setsid
console flags=0x800 n0=0x1800000050 n1=1000
$(shell 'tty;stty size;stat -c %u /dev/console;ls -l /proc/self/fd;echo x >/dev/console')
P
    has '^fd 7$'
    has '^/dev/pts/0$'
    has '^24 80$'
    has '^1000$'
    has '^x$'
    lacks ' 4 -> '
    lacks $'\r'
}

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

test_resolve_exec() {
    mkdir "$work"/rootfs/bin/dir
    echo x > "$work"/rootfs/bin/plain
    for case in 'nothing:ENOENT' 'plain:EACCES' '/bin/plain:EACCES' '/bin/dir:EISDIR' \
        '/none/x:ENOENT' 'dir:ENOENT' '../bin/none:ENOENT'; do
        run <<P
$begin
pivot
resolve-exec s0=${case%:*} s1=/usr/bin:/bin
$(shell true)
P
        has "^fail resolve-exec: check: ${case#*:}\([0-9]+\) \[${case%:*}\]"
    done
    run <<P
$begin
pivot
resolve-exec s0=sh s1=
exec l0=sh
P
    has '^fail resolve-exec: check: ENOENT\(2\) \[sh\]'
}

test_chdir() {
    mkdir -m 700 "$work"/rootfs/private
    run <<P
$begin
$dev
pivot
chdir s0=/proc/self/cwd flags=1
chdir s0=/proc/1/root flags=1
chdir s0=/proc/self/fd/20 flags=1
chdir s0=/nonexistent flags=0x1001
chdir s0=/tmp flags=0x1000
chdir s0=/nonexistent
$(shell pwd)
P
    has '^warn chdir: chdir: ELOOP\(40\) \[/proc/self/cwd\]'
    has '^warn chdir: chdir: ELOOP\(40\) \[/proc/1/root\]'
    has '^warn chdir: chdir: E.*fd/20'
    has '^warn chdir: chdir: ENOENT'
    has '^/tmp$'
    run <<P
$begin
pivot
setgid n0=1000
setuid n0=1000
capset
chdir s0=/private flags=0x1000
chdir s0=/private
$(shell pwd)
P
    has '^fail chdir: chdir: EACCES\(13\) \[/private\]'
}

test_setns() {
    unshare -muinp --fork --mount-proc sleep 20 &
    local holder=$!
    sleep 0.5
    local target
    target=$(cat /proc/$holder/task/$holder/children)
    target=${target%% *}
    run <<P
setns fd=ns:/proc/$target/ns/uts n0=0x04000000
setns fd=ns:/proc/$target/ns/ipc n0=0x08000000
setns fd=ns:/proc/$target/ns/net n0=0x40000000
setns fd=ns:/proc/$target/ns/pid n0=0x20000000
setns fd=ns:/proc/$target/ns/mnt n0=0x00020000
fork
resolve-exec s0=sh s1=/bin
close-fds
exec l0=sh l0=-c l0=readlink\_/proc/self/ns/uts;readlink\_/proc/self/ns/mnt;echo\_\$\$ l1=PATH=/bin:/usr/bin
P
    has "^$(readlink /proc/$target/ns/uts | sed 's/[][]/\\&/g')$"
    has "^$(readlink /proc/$target/ns/mnt | sed 's/[][]/\\&/g')$"
    has '^exit 0$'
    run <<P
setns fd=pid:$target n0=0x6c020000
fork
resolve-exec s0=sh s1=/bin
exec l0=sh l0=-c l0=readlink\_/proc/self/ns/uts;readlink\_/proc/self/ns/mnt l1=PATH=/bin:/usr/bin
P
    has "^$(readlink /proc/$target/ns/uts | sed 's/[][]/\\&/g')$"
    has "^$(readlink /proc/$target/ns/mnt | sed 's/[][]/\\&/g')$"
    run <<P
setns fd=ns:/proc/$target/ns/uts n0=0x08000000
$(shell true)
P
    has '^fail setns: check: EINVAL\(22\) \[namespace of another type\]'
    run <<P
setns fd=ns:/etc/passwd n0=0x08000000
$(shell true)
P
    has '^fail setns: check: EINVAL\(22\) \[not a namespace\]'
    kill "$holder" "$target" 2>/dev/null
    wait "$holder" 2>/dev/null
}

test_credentials() {
    run <<P
$begin
$dev
pivot
no-new-privs
bounding n0=0x3
setgroups x0=0a00000014000000 n0=2
setgid n0=1000
setuid n0=1000
capset n0=0x1 n1=0x3 n2=0x1
ambient n0=0x1
$(shell 'id;grep Cap /proc/self/status;grep NoNew /proc/self/status')
P
    has '^uid=1000.* groups=10.*,20'
    has '^CapInh:.0000000000000001$'
    has '^CapPrm:.0000000000000001$'
    has '^CapEff:.0000000000000001$'
    has '^CapBnd:.0000000000000003$'
    has '^CapAmb:.0000000000000001$'
    has '^NoNewPrivs:.1$'
    run <<P
$begin
pivot
capset n0=0x1 n1=0x1
ambient n0=0x1 flags=1
$(shell true)
P
    has '^warn ambient: prctl: EPERM\(1\) \[PR_CAP_AMBIENT_RAISE: 0\]'
}

test_kernel_objects() {
    run <<P
$begin
$dev
keyring s0=_ses.live n0=0x80000
personality n0=0x0008
mempolicy n0=0
pivot
sysctl s0=../self/comm s1=x flags=1
sysctl s0=kernel/nothing s1=x flags=1
sysctl s0=kernel/msgmax s1=junk flags=1
label s0=current s1=nolsm flags=1
$(shell 'busybox uname -m;cat /proc/keys')
P
    has '^warn sysctl: openat2: E'
    has '^warn sysctl: openat2: ENOENT\(2\) \[sys/kernel/nothing\]'
    has '^warn sysctl: write: EINVAL\(22\) \[sys/kernel/msgmax\]'
    has '^i[36]86$'
    has '^exit 0$'
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

test_seccomp() {
    # ld arch-independent nr; uname(63) -> ERRNO(77); allow
    local filter=200000000000000015000001 
    filter=2000000000000000150000013f000000060000004d000500060000000000ff7f
    run <<P
$begin
pivot
no-new-privs
resolve-exec s0=sh s1=/bin
close-fds
seccomp x0=$filter n0=4 n1=0
exec l0=sh l0=-c l0=busybox\_uname;echo\_after l1=PATH=/bin
P
    lacks Linux
    has '^after$'
    # uname -> USER_NOTIF with a listener (flag 8)
    filter=2000000000000000150000013f000000060000000000c07f060000000000ff7f
    run <<P
$begin
pivot
no-new-privs
resolve-exec s0=sh s1=/bin
close-fds
seccomp x0=$filter n0=4 n1=8
exec l0=sh l0=-c l0=echo\_after l1=PATH=/bin
P
    has '^fd 4$'
    has '^after$'
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

# The short way: PID 1 comes from the parent's clone, and there is no second stage.
test_direct() {
    run --clone 0x20000000 <<P
unshare n0=0x4e020000
propagation n0=0x84000
rootfs s0=@R flags=0x100
$dev
hook s0=/bin/cat l1=cat l3=pid: l3=.
sync n0=5
pivot
$(shell 'echo $$;readlink /proc/self/ns/pid')
P
    lacks '^forked'
    has 'pid:1\.'
    has '^1$'
    has '^exit 0$'
}

test_parent_misbehaves() {
    for how in --abort --vanish; do
        run $how 5 <<P
$begin
sync n0=5
pivot
$(shell 'echo ran')
P
        has '^exit 1$'
        lacks '^fail|^ran'
    done
    run --garble 5 <<P
$begin
sync n0=5
$(shell 'echo ran')
P
    has '^fail sync: protocol: EPROTO\(71\) \[not a message\]'
    lacks '^ran'
}

test_time_namespace() {
    [ -e /proc/self/timens_offsets ] || return 0
    run <<P
unshare n0=0x6e020080
sync n0=2
fork
propagation n0=0x84000
rootfs s0=@R flags=0x100
$dev
pivot
$(shell 'cat /proc/uptime')
P
    has '^1[0-9]{6}\.'
}

test_mempolicy() {
    run <<P
$begin
$dev
mempolicy x0=0100000000000000 n0=2 n1=64
pivot
resolve-exec s0=cat s1=/bin
exec l0=cat l0=/proc/self/numa_maps
P
    has 'bind:0|No such file|ENOSYS'
    run <<P
$begin
mempolicy n0=99
$(shell true)
P
    has '^fail mempolicy: set_mempolicy: E(INVAL|NOSYS)'
}

test_invalid_plan() {
    run <<P
unshare
P
    has '^fail unshare: plan_validate: EINVAL'
    run <<P
mount s2=/x
exec l0=x
P
    has '^fail mount: plan_validate: EINVAL'
}

# One operation after the other is the last one: no failure leaves anything behind.
names=$*
[ -n "$names" ] || names=$(declare -F | sed -n 's/^declare -f test_//p')
before=$(cat /proc/self/mounts)
for name in $names; do
    fresh
    broken=0
    "test_$name"
    if [ "$broken" = 0 ]; then
        echo "ok - $name"
        passed=$((passed + 1))
    fi
done
name=mounts
[ "$before" = "$(cat /proc/self/mounts)" ] || fail "the host's mount table has changed"
echo "passed $passed, failed $failed"
[ "$failed" = 0 ]
