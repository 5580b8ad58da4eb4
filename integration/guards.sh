# When a test is skipped, and when it may fail on a peer. Part of lib.sh.
# shellcheck shell=bash

skip() {
    printf '%s\n' "$1" >"$T/skipped"
    exit 77
}

is_peer() {
    [ "$KIND" != apus ]
}

# requires WHAT...: skips the test where the machine or the runtime lacks it.
requires() {
    local what
    for what in "$@"; do
        case $what in
        root) [ "$(id -u)" -eq 0 ] || skip "needs root" ;;
        cgroup-v1) [ -d /sys/fs/cgroup/memory ] || skip "needs cgroup v1" ;;
        cgroupfs) ! is_systemd || skip "needs the cgroupfs driver" ;;
        systemd) is_systemd || skip "needs RUNTIME_FLAGS=--systemd-cgroup" ;;
        cgroup-v2) [ -f /sys/fs/cgroup/cgroup.controllers ] || skip "needs cgroup v2" ;;
        apparmor)
            grep -q Y /sys/module/apparmor/parameters/enabled 2>/dev/null || skip "needs AppArmor"
            command -v apparmor_parser >/dev/null || skip "needs apparmor_parser"
            ;;
        criu)
            command -v criu >/dev/null || skip "needs criu"
            can_dump 2>/dev/null || skip "needs a kernel that CRIU can dump on"
            ;;
        user-namespaces) unshare -U true 2>/dev/null || skip "needs user namespaces" ;;
        time-namespaces) [ -e /proc/self/ns/time ] || skip "needs time namespaces" ;;
        linux=*)
            [ "$(printf '%s\n' "${what#linux=}" "$(uname -r)" | sort -V | head -n 1)" = \
                "${what#linux=}" ] || skip "needs Linux ${what#linux=}"
            ;;
        file=*) [ -e "${what#file=}" ] || skip "needs ${what#file=}" ;;
        cap=*) has_capability "${what#cap=}" || skip "needs capability ${what#cap=}" ;;
        runtime=apus) ! is_peer || skip "tests what only apus has" ;;
        peer-not=*) [ "$KIND" != "${what#peer-not=}" ] || skip "not on ${what#peer-not=}" ;;
        *) fail "unknown guard $what" ;;
        esac
    done
}

# unless_unsupported [FLAG...]: creates the container; skips the test when the runtime says that it
# does not support a property yet.
unless_unsupported() {
    configure
    capture rt create --bundle "$BUNDLE" "$@" "$ID"
    [[ $ERR != *"not supported"* ]] || skip "$ERR"
    [ "$STATUS" -eq 0 ] || fail "status $STATUS of create"
    ok rt delete --force "$ID"
}

# has_capability NUMBER
has_capability() {
    local bounding
    bounding=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
    (((0x$bounding >> $1) & 1))
}

# can_dump: whether CRIU can save and end a process here, seen by doing it. The shell
# reports the end of that process on standard error.
can_dump() {
    local pid images=$T/can-dump
    mkdir -p "$images"
    setsid "$PAYLOAD" pause >/dev/null 2>&1 </dev/null 9>&- &
    pid=$!
    # Standard streams on the host's /dev/null are no hindrance without a mount namespace.
    if criu dump --tree "$pid" --images-dir "$images" --shell-job -v0 >/dev/null 2>&1; then
        wait "$pid" 2>/dev/null || true
        return 0
    fi
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null || true
    return 1
}

# strict PEER[,PEER] REASON: on these peers the test may fail, because we are deliberately stricter;
# it is then counted as skipped.
strict() {
    case ,$1, in
    *,"$KIND",*) printf 'we are stricter than %s: %s\n' "$KIND" "$2" >"$T/excuse" ;;
    esac
}

# differs PEER[,PEER] REASON: the same where the peer lacks something or does it in another way.
differs() {
    case ,$1, in
    *,"$KIND",*) printf '%s differs: %s\n' "$KIND" "$2" >"$T/excuse" ;;
    esac
}

# lacks GUARD...: prints why `requires` would skip, or nothing.
lacks() {
    T=$(mktemp -d "${TMPDIR:-/tmp}/apus-integration.XXXXXX")
    (requires "$@") || cat "$T/skipped"
    rm -rf "$T"
}
