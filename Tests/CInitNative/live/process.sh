# Namespaces, the program and the conversation with the parent.
# shellcheck shell=bash disable=SC2154

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
    # Without a relay the terminal ends its lines itself.
    has $'^/dev/pts/0\r$'
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
hook s0=/bin/sh l1=sh l1=-c l1=echo\_in\_hook>/hook l3=a l3=b
close-fds
exec l0=sh l0=-c l0=cat\_/hook;echo\_started l1=PATH=/bin
P
    has '^fifo 2 0$'
    has '^in hook$'
    has '^started$'
    run --start <<P
$begin
$dev
pivot
resolve-exec s0=sh s1=/bin
wait-start fd=path:@W/fifo
hook s0=/bin/sh l1=sh l1=-c l1=echo\_reason;exit\_3 l3=a l3=b
exec l0=sh
P
    has '^fifo 257 0$'
    has '^late fail hook: hook exit status: .*\(3\) \[/bin/sh$'
    has '^reason'
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
    has '^fifo 258 0$'
    has '^late fail exec: execve: ENOEXEC\(8\) \[/bin/junk\]'
}

test_hooks() {
    run --payload 1 <<P
$begin
hook s0=/bin/sh l1=sh l1=-c l1=exec>@W/rootfs/hook;cat;echo\_;echo\_A=\$A;ls\_-l\_/proc/self/fd l2=A=1 l2=PATH=/bin:/usr/bin l3={"pid": l3=,"x":1}
hook s0=/bin/sh l1=sh l1=-c l1=seq\_20000;echo\_last>&2;exit\_7 l2=PATH=/bin:/usr/bin l3=a l3=b flags=1
hook s0=/bin/sh l1=sh l1=-c l1=kill\_-9\_\$\$ l3=a l3=b flags=1
hook s0=/bin/sleep l1=sleep l1=10 l3=a l3=b n1=100 flags=1
hook s0=/bin/sh l1=sh l1=-c l1=(sleep\_0.1\_&)\_;\_exit\_0 l3=a l3=b n1=5000
hook s0=/nonexistent l1=x l3=a l3=b flags=1
pivot
$(shell 'cat /hook;echo done')
P
    has '\{"pid":1,"x":1\}'
    has '^A=1$'
    lacks ' [56789] -> | [12][0-9] -> '
    has '^warn hook: hook exit status: .*\(7\) \[/bin/sh$'
    has '^last'
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
console flags=0x800 n0=0x1800000050 n1=1000 n2=1
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
    local holder=$! target
    # Its mounts are made when it executes its program.
    for _ in {1..500}; do
        target=$(cat /proc/$holder/task/$holder/children)
        target=${target%% *}
        [ -z "$target" ] || ! grep -qx sleep "/proc/$target/comm" || break
        sleep 0.02
    done
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

test_seccomp() {
    # ld arch-independent nr; uname(63) -> ERRNO(77); allow
    local filter=2000000000000000150000013f000000060000004d000500060000000000ff7f
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

# The short way: PID 1 comes from the parent's clone, and there is no second stage.
test_direct() {
    run --clone 0x20000000 <<P
unshare n0=0x4e020000
propagation n0=0x84000
rootfs s0=@R flags=0x100
$dev
hook s0=/bin/sh l1=sh l1=-c l1=/bin/cat>@W/rootfs/hook l3=pid: l3=.
sync n0=5
pivot
$(shell 'cat /hook;echo;echo $$;readlink /proc/self/ns/pid')
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
