# shellcheck shell=bash
# conmon alone, as podman and CRI-O call it: it creates, watches and execs through the runtime.
# title: conmon 2.1.6
PEER=crun

engine_start() {
    mkdir -p "$T/exits"
}

engine_clean() {
    local entry
    for entry in "$T"/state/*; do
        [ ! -e "$entry" ] || rt delete --force "${entry##*/}"
    done
}

engine_stop() {
    :
}

rt() { "$RUNTIME" --root "$T/state" "$@"; }

# bundle FILTER WORD...: $C/bundle, which runs the words; the filter changes its config.json.
bundle() {
    local filter=$1
    shift
    mkdir -p "$C/bundle/rootfs"
    tar -C "$C/bundle/rootfs" -xf "$IMAGES/bb.tar"
    rt spec --bundle "$C/bundle"
    # shellcheck disable=SC2016
    jq --args ".process.terminal = false | .process.args = \$ARGS.positional
        | .linux.cgroupsPath = \"/$TAG/$NAME\" | $filter" -- "$@" <"$C/bundle/config.json" >"$C/config"
    mv "$C/config" "$C/bundle/config.json"
}

# monitor FLAG...: conmon around `create`; the runtime's answer on the sync pipe goes to $C/sync.
monitor() {
    _OCI_SYNCPIPE=3 conmon --api-version 1 -c "$NAME" -u "$NAME" -n "$NAME" -r "$RUNTIME" \
        --runtime-arg --root --runtime-arg "$T/state" -b "$C/bundle" -p "$C/pidfile" \
        --conmon-pidfile "$C/conmon.pid" --exit-dir "$T/exits" --socket-dir-path "$C/sockets" \
        --persist-dir "$C" -l "k8s-file:$C/log" "$@" 3>"$C/sync" </dev/null >"$C/conmon.out" 2>&1
}

# launch FLAG...: created and started; PID is the container's process.
launch() {
    mkdir -p "$C/sockets"
    monitor "$@"
    eventually grep -q '"data"' "$C/sync"
    cat "$C/sync"
    eventually test -s "$C/pidfile"
    PID=$(cat "$C/pidfile")
    contains "$(cat "$C/sync")" "$PID"
    ok rt start "$NAME"
}

ended() { [ -s "$T/exits/$NAME" ]; }

# create, start, log, status in the exit file
case_life() {
    bundle . sh -c 'echo out; echo err >&2; exit 3'
    launch
    eventually ended
    equal "$(cat "$T/exits/$NAME")" 3
    eventually grep -q 'stdout F out' "$C/log"
    eventually grep -q 'stderr F err' "$C/log"
    ok rt delete "$NAME"
}

# a terminal through the console socket
case_terminal() {
    bundle '.process.terminal = true' sh -c 'tty; exit 4'
    launch --terminal
    eventually ended
    equal "$(cat "$T/exits/$NAME")" 4
    eventually grep -q '/dev/pts/0' "$C/log"
}

# a signal ends it: 128 and the number
case_kill() {
    bundle . sleep 1000
    launch
    ok rt kill "$NAME" KILL
    eventually ended
    equal "$(cat "$T/exits/$NAME")" 137
}

# exec through conmon: the status
case_exec() {
    bundle . sleep 1000
    launch
    jq '.process | .args = ["sh", "-c", "echo in-exec; exit 6"]' "$C/bundle/config.json" \
        >"$C/process"
    mkdir -p "$C/exec-sockets"
    _OCI_SYNCPIPE=3 conmon --api-version 1 -c "$NAME" -u "$NAME-e" -n "$NAME" -r "$RUNTIME" \
        --runtime-arg --root --runtime-arg "$T/state" -b "$C/bundle" -p "$C/exec.pid" -e \
        --exec-process-spec "$C/process" --exit-dir "$C" --socket-dir-path "$C/exec-sockets" \
        --persist-dir "$C/exec-sockets" -l "k8s-file:$C/exec.log" \
        3>"$C/exec.sync" </dev/null >"$C/exec.out" 2>&1
    eventually grep -q 'stdout F in-exec' "$C/exec.log"
    eventually grep -qx 6 "$C/$NAME"
}

# out of memory is noticed
case_oom() {
    bundle '.linux.resources.memory = {limit: 16777216, swap: 16777216}' tail /dev/zero
    launch
    eventually ended
    equal "$(cat "$T/exits/$NAME")" 137
    eventually test -e "$C/oom"
}

# a command that does not exist: the runtime's words reach the parent through the pipe
case_error() {
    bundle . /no/such
    mkdir -p "$C/sockets"
    monitor || true
    eventually test -s "$C/sync"
    cat "$C/sync"
    matches "$(cat "$C/sync")" 'no such file|not found|No such file'
    [ ! -e "$T/state/$NAME" ] || fail "state is left"
}
