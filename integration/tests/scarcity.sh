# The runtime itself is short of something, or crashes: a message where that is possible, and nothing
# left that `delete --force` does not remove.
# shellcheck shell=bash

# limited LIMIT VALUE COMMAND...: create or run with a limit of the shell's ulimit.
limited() {
    local limit=$1 value=$2
    shift 2
    capture bash -c 'ulimit "$1" "$2" && shift 2 && exec "$@"' bash "$limit" "$value" \
        "$RUNTIME" --root "$STATE" "$@" --bundle "$BUNDLE" "$ID"
}

test_few_descriptors() {
    strict crun,runc "they leave cgroups and state"
    bundle '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 32}}' \
        '.hooks.createRuntime = [{path: "/bin/true"}]'
    payload true
    configure
    local count succeeded=0
    for count in {3..40}; do
        limited -n "$count" run
        if [ "$STATUS" -eq 0 ]; then
            succeeded=$((succeeded + 1))
        else
            [ "$STATUS" -lt 126 ] || fail "status $STATUS with $count descriptors"
            assert_contains "$ERR" "too many open files"
        fi
        assert_clean
        limited -n "$count" create
        if [ "$STATUS" -eq 0 ]; then
            ok rt delete "$ID"
        else
            assert_contains "$ERR" "too many open files"
        fi
        assert_clean
    done
    [ "$succeeded" -gt 5 ] || fail "$succeeded succeeded"
}

test_little_memory() {
    requires runtime=apus
    bundle
    payload true
    configure
    local size succeeded=0
    for size in 8000 9000 10000 11000 12000 14000 16000 20000 40000 200000; do
        limited -v "$size" create
        if [ "$STATUS" -eq 0 ]; then
            succeeded=$((succeeded + 1))
        else
            [ -n "$ERR" ] || [ "$STATUS" -gt 128 ] || fail "nothing said with $size KiB"
        fi
        # A crash has no time to take anything back.
        ok rt delete --force "$ID"
        assert_clean
    done
    [ "$succeeded" -gt 0 ] || fail "none succeeded"
}

test_no_space_for_the_state() {
    requires runtime=apus
    bundle
    payload true
    configure
    local blocks
    mount -t tmpfs -o size=4k,nr_inodes=3 tmpfs "$STATE"
    for blocks in create run; do
        fails rt "$blocks" --bundle "$BUNDLE" "$ID"
        assert_contains "$ERR" "no space left"
        [ ! -e "$STATE/$ID" ] || fail "the directory is left"
        [ -z "$(find_cgroups)" ] || fail "a cgroup is left"
    done
    umount "$STATE"
    assert_clean
}

# A signal that reports a fault of the runtime: the log has a line, and what is left can be removed.
test_crash() {
    requires runtime=apus
    local signal
    for signal in SEGV BUS ILL ABRT TRAP; do
        bundle
        printf '#!/bin/sh\necho $$ >%s\nexec sleep 1000\n' "$T/mark" >"$T/hang"
        chmod 755 "$T/hang"
        rm -f "$T/mark" "$T/log"
        edit ".hooks.createRuntime = [{path: \"$T/hang\"}]"
        configure
        background rt --log "$T/log" --log-format json create --bundle "$BUNDLE" "$ID"
        eventually test -s "$T/mark"
        kill -"$signal" "$JOB"
        finish_job "$JOB"
        [ "$STATUS" -gt 128 ] || fail "status $STATUS after SIG$signal"
        assert_equal "$(jq -r .level "$T/log")" error "level in the log"
        assert_contains "$(jq -r .msg "$T/log")" "the runtime crashed"
        kill -KILL "$(cat "$T/mark")"
        ok rt list --quiet
        assert_line "$ID"
        ok rt delete --force "$ID"
        assert_clean
    done
}
