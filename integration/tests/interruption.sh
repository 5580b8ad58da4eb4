# A signal that asks for the end of a launch: everything is taken back, and the status names it.
# shellcheck shell=bash

# hangs KIND...: hooks that never end; the last one leaves a mark that it runs.
hangs() {
    local kind
    mark=$T/hook.mark
    printf '#!/bin/sh\necho $$ >%s\nsleep 1000\nsleep 1000\n' "$mark" >"$T/hang"
    chmod 755 "$T/hang"
    for kind in "$@"; do
        edit ".hooks.$kind = [{path: \"$T/hang\"}]"
    done
}

# interrupted SIGNAL STATUS COMMAND...: sends it when the hook runs; nothing may be left.
interrupted() {
    local signal=$1 status=$2
    shift 2
    rm -f "$mark"
    # Job control, so that the shell does not ignore SIGINT for its children.
    set -m
    background "$@"
    set +m
    eventually test -s "$mark"
    kill -"$signal" "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" "$status" "status after SIG$signal"
    assert_clean
    ! pgrep -f "^/bin/sh $T/hang" >/dev/null || fail "the hook lives"
    assert_contains "$(cat "$JOB_OUT")" "interrupted by SIG$signal"
}

ours() {
    differs crun,runc "a create dies and leaves a container, a run waits for the hook"
}

test_create_in_a_hook_of_the_runtime() {
    ours
    local kind
    for kind in prestart createRuntime; do
        bundle
        hangs "$kind"
        configure
        interrupted INT 130 rt create --bundle "$BUNDLE" "$ID"
        interrupted TERM 143 rt create --bundle "$BUNDLE" "$ID"
        interrupted HUP 129 rt create --bundle "$BUNDLE" "$ID"
    done
}

test_create_in_a_hook_of_the_container() {
    ours
    bundle
    hangs createContainer
    configure
    interrupted INT 130 rt create --bundle "$BUNDLE" "$ID"
    interrupted TERM 143 rt create --bundle "$BUNDLE" "$ID"
}

test_run_in_a_hook() {
    ours
    local kind
    for kind in prestart createRuntime createContainer; do
        bundle
        hangs "$kind"
        configure
        interrupted INT 130 rt run --bundle "$BUNDLE" "$ID"
        interrupted QUIT 131 rt run --detach --bundle "$BUNDLE" "$ID"
    done
    bundle
    payload true
    edit ".process.args[0] = \"/payload\""
    hangs poststart
    configure
    interrupted TERM 143 rt run --bundle "$BUNDLE" "$ID"
}

test_poststop_hooks_see_the_end() {
    ours
    local kind manager
    for kind in createRuntime createContainer; do
        for manager in cgroupfs disabled; do
            rm -f "$T/poststop"
            bundle
            [ "$manager" = cgroupfs ] || edit 'del(.linux.resources, .linux.cgroupsPath)'
            hangs "$kind"
            edit ".hooks.poststop = [{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat >$T/poststop\"]}]"
            configure
            interrupted TERM 143 rt --cgroup-manager "$manager" create --bundle "$BUNDLE" "$ID"
            assert_contains "$(cat "$T/poststop")" '"status":"stopped"'
        done
    done
}

test_ignored_signals_stay_ignored() {
    ours
    bundle
    hangs createRuntime
    configure
    background sh -c 'trap "" HUP TERM; exec "$@"' sh \
        "$RUNTIME" --root "$STATE" create --bundle "$BUNDLE" "$ID"
    eventually test -s "$mark"
    kill -HUP "$JOB"
    kill -TERM "$JOB"
    sleep 0.2
    kill -0 "$JOB" || fail "it has ended"
    # The hook's end is the launch's.
    kill -STOP "$(cat "$mark")"
    pkill -KILL -P "$(cat "$mark")"
    kill -KILL "$(cat "$mark")"
    finish_job "$JOB"
    assert_equal "$STATUS" 1 status
    assert_clean
}

test_a_late_signal_changes_nothing() {
    differs crun,runc "a create that dies leaves cgroups"
    bundle
    payload pause
    configure
    local delay
    # Wherever it falls: either all of the container is there, or nothing.
    for delay in 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.010 0.015 0.020 0.030; do
        background rt create --bundle "$BUNDLE" "$ID"
        sleep $delay
        kill -TERM "$JOB" 2>/dev/null || true
        finish_job "$JOB"
        if [ "$STATUS" -eq 0 ]; then
            assert_state created
            ok rt delete --force "$ID"
        else
            [ "$KIND" = apus ] || ok rt delete --force "$ID"
        fi
        assert_clean
    done
}

# deleted COMMAND...: what hangs in a hook is ended by `delete --force`, and nothing is left.
deleted() {
    rm -f "$mark"
    background "$@"
    eventually test -s "$mark"
    local begin=$SECONDS
    ok rt delete --force "$ID"
    [ $((SECONDS - begin)) -lt 8 ] || fail "it took $((SECONDS - begin)) s"
    finish_job "$JOB"
    assert_different "$STATUS" 0 "status of $1"
    assert_clean
    ! pgrep -f "^/bin/sh $T/hang" >/dev/null || fail "the hook lives"
}

test_delete_ends_a_creation() {
    differs crun,runc "the hook lives on"
    local kind
    for kind in prestart createRuntime createContainer; do
        bundle
        hangs "$kind"
        configure
        deleted rt create --bundle "$BUNDLE" "$ID"
        deleted rt run --bundle "$BUNDLE" "$ID"
    done
}

test_delete_ends_a_creator_that_is_stopped() {
    differs crun,runc "they do not wait for it"
    bundle
    hangs createRuntime
    configure
    background rt create --bundle "$BUNDLE" "$ID"
    eventually test -s "$mark"
    kill -STOP "$JOB"
    ok rt delete --force "$ID"
    finish_job "$JOB"
    assert_equal "$STATUS" 143 status
    assert_clean
}

# A creator that cannot take back what it has done is killed, and what it has started too.
test_delete_kills_a_creator_that_does_not_answer() {
    differs crun,runc "they do not wait for it"
    requires cgroup-v2
    bundle
    hangs createRuntime
    configure
    local group=/sys/fs/cgroup/frozen-$$
    mkdir "$group"
    background rt create --bundle "$BUNDLE" "$ID"
    eventually test -s "$mark"
    echo "$JOB" >"$group/cgroup.procs"
    echo 1 >"$group/cgroup.freeze"
    ok rt delete --force "$ID"
    finish_job "$JOB"
    assert_equal "$STATUS" 137 status
    rmdir "$group"
    assert_clean
    ! pgrep -f "^/bin/sh $T/hang" >/dev/null || fail "the hook lives"
}
