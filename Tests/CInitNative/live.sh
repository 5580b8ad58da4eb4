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
# shellcheck disable=SC2034  # the files below live/ use them
begin='unshare n0=0x6e020000
fork
propagation n0=0x84000
rootfs s0=@R flags=0x100'
# shellcheck disable=SC2034
dev='mount s0=proc s1=proc s2=/proc flags=0x200
mount s0=tmpfs s1=tmpfs s2=/dev n0=2 l3=mode=755
mount s0=devpts s1=devpts s2=/dev/pts n0=10 l3=newinstance l3=ptmxmode=0666 l3=mode=0620
mknod s2=/dev/null n0=020666 n1=0x103'
shell() { # shell SCRIPT: the end of a plan
    printf 'resolve-exec s0=sh s1=/bin\nclose-fds\nexec l0=sh l0=-c l0=%s l1=PATH=/bin\n' \
        "${1// /\\_}"
}

for file in "$(dirname "${BASH_SOURCE[0]}")"/live/*.sh; do
    # shellcheck source=/dev/null
    source "$file"
done

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
