# shellcheck shell=bash
# containerd with its runc shim, driven by ctr; the namespace is $TAG, and so is the cgroup parent.
# title: containerd 1.6.20, ctr
PEER=runc
# A parent that a user names stays.
ENGINE_CGROUPS='/own'

engine_start() {
    containerd_settings io.containerd.grpc.v1.cri io.containerd.internal.v1.opt
    containerd_up ctrd version
    ctrd images import "$IMAGES/bb.docker.tar"
}

engine_clean() {
    local name
    for name in $(ctrd tasks ls -q); do ctrd tasks rm -f "$name"; done
    for name in $(ctrd containers ls -q); do ctrd containers rm "$name"; done
}

engine_stop() {
    containerd_down
}

IMAGE=docker.io/library/bb:latest

ctrd() { ctr -a "$T/containerd.sock" -n "$TAG" "$@"; }

# run FLAG... -- NAME COMMAND...
run() {
    local flags=()
    while [ "$1" != -- ]; do flags+=("$1") && shift; done
    ctrd run --runc-binary "$RUNTIME" "${flags[@]}" "$IMAGE" "${@:2}"
}

# up FLAG...: a task that sleeps, named $NAME; PID is its process.
up() {
    ok run -d "$@" -- "$NAME" sleep 1000
    PID=$(ctrd tasks ls | awk -v name="$NAME" '$1 == name { print $2 }')
}

# inside [FLAG... --] WORD...: in the task of this case
inside() {
    local flags=()
    if [[ $1 == --* ]]; then
        while [ "$1" != -- ]; do flags+=("$1") && shift; done
        shift
    fi
    EXECS=$((${EXECS:-0} + 1))
    ctrd tasks exec --exec-id "e$EXECS" "${flags[@]}" "$NAME" "$@"
}

is_state() { [ "$(ctrd tasks ls | awk -v name="$NAME" '$1 == name { print $3 }')" = "$1" ]; }

# run --rm: output and status
case_run() {
    ok run --rm -- "$NAME" echo hello
    equal "$OUT" hello
    status 7 run --rm -- "$NAME" sh -c 'exit 7'
    ok run --rm -- "$NAME" sh -c 'echo to-out; echo to-err >&2'
    equal "$OUT $ERR" "to-out to-err"
}

# run -t: a terminal
case_run_tty() {
    tty 'tty; echo $((6*7))\nexit 5\n' ctr -a "$T/containerd.sock" -n "$TAG" run --rm -t \
        --runc-binary "$RUNTIME" "$IMAGE" "$NAME" sh
    says /dev/pts/0 42
    equal "$STATUS" 5
}

# run -d, tasks ls, kill, delete with the status
case_detached() {
    up
    is_state RUNNING || fail "not running"
    ok ctrd tasks kill -s KILL "$NAME"
    eventually is_state STOPPED
    ok ctrd tasks rm "$NAME"
    contains "$ERR" "exit code 137"
    ok ctrd containers rm "$NAME"
}

# tasks exec: output, status, user, folder, environment
case_exec() {
    up --env BASE=1
    status 9 inside sh -c 'exit 9'
    status 9 inside --user 1000:1000 --cwd /tmp -- sh -c \
        'echo $BASE $(pwd) $(id -u) $(id -g); exit 9'
    see exec "$OUT"
    ok inside --detach -- touch /made
    eventually inside test -e /made
}

# tasks exec -t
case_exec_tty() {
    up
    tty 'tty; echo $((6*7))\nexit 6\n' ctr -a "$T/containerd.sock" -n "$TAG" tasks exec -t \
        --exec-id terminal "$NAME" sh
    says /dev/pts/ 42
    equal "$STATUS" 6
}

# tasks kill: a signal that the program handles; kill of one that has ended
case_kill() {
    ok run -d -- "$NAME" sh -c 'trap "exit 12" TERM; touch /ready; while :; do sleep 0.1; done'
    eventually inside test -e /ready
    ok ctrd tasks kill -s TERM "$NAME"
    eventually is_state STOPPED
    fails ctrd tasks kill -s TERM "$NAME"
    see again "$ERR"
    ok ctrd tasks rm "$NAME"
    contains "$ERR" "exit code 12"
    ok ctrd containers rm "$NAME"
    fails ctrd tasks kill no-such
    see missing "$ERR"
}

# tasks kill --all reaches the children
case_kill_all() {
    ok run -d -- "$NAME" sh -c 'trap "" TERM; sleep 1000 & sleep 1000'
    ok ctrd tasks kill --all -s KILL "$NAME"
    eventually is_state STOPPED
}

# kill of an exec'd process
case_kill_exec() {
    up
    ok inside --detach -- sleep 900
    ok ctrd tasks kill -s KILL --exec-id "e$EXECS" "$NAME"
    eventually bash -c "! pgrep -f '^sleep 900'"
    is_state RUNNING || fail "the task has ended too"
}

# tasks pause and resume
case_pause() {
    up
    ok ctrd tasks pause "$NAME"
    is_state PAUSED || fail "not paused"
    fails inside true
    see exec "${ERR%%:*}"
    ok ctrd tasks resume "$NAME"
    is_state RUNNING || fail "not resumed"
    ok inside true
}

# rm -f of a paused task
case_pause_rm() {
    up
    ok ctrd tasks pause "$NAME"
    capture ctrd tasks rm -f "$NAME"
    see forced "$STATUS"
    ctrd tasks resume "$NAME" || true
}

# tasks ps and metrics
case_ps_metrics() {
    up --memory-limit 67108864
    ok inside --detach -- sleep 800
    ok ctrd tasks ps "$NAME"
    contains "$OUT" "$PID"
    equal "$(wc -l <<<"$OUT")" 3
    ok ctrd tasks metrics "$NAME"
    see metrics "$(awk 'NF { print $1 }' <<<"$OUT" | grep -v '^/' | grep -v "$TAG")"
    ok ctrd tasks metrics --format json "$NAME"
    contains "$OUT" 67108864
}

# --memory-limit and --cpus of the task, in a group of its name
case_limits() {
    up --memory-limit 67108864 --cpus 0.5
    see memory "$(limits memory)"
    see cpu "$(limits cpu)"
    contains "$(cat "/proc/$PID/cgroup")" "/$TAG/$NAME"
}

# out of memory: the status and the event
case_oom() {
    timeout 20 ctr -a "$T/containerd.sock" -n "$TAG" events >"$C/events" &
    local job=$!
    sleep 0.5
    status 137 run --memory-limit 16777216 -- "$NAME" tail /dev/zero
    sleep 0.5
    kill $job
    see kinds "$(grep -o ' /[a-z]*/[a-z-]* ' "$C/events" | sort -u | tr '\n' ' ')"
    contains "$(cat "$C/events")" /tasks/oom
}

# --cgroup with a path of one's own
case_cgroup() {
    up --cgroup "/$TAG/own/path"
    contains "$(cat "/proc/$PID/cgroup")" "/$TAG/own/path"
    ok ctrd tasks rm -f "$NAME"
    see left "$(find /sys/fs/cgroup -path "*$TAG/own/path*" | wc -l)"
}

# --privileged, --cap-add, --cap-drop, --allow-new-privs
case_privileges() {
    local flags
    for flags in "" --privileged "--cap-add CAP_SYS_ADMIN" "--cap-drop CAP_CHOWN" \
        --allow-new-privs; do
        # shellcheck disable=SC2086
        capture run --rm $flags -- "$NAME" grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status
        see "caps${flags// /_}" "$STATUS $OUT"
    done
}

# --seccomp and --seccomp-profile
case_seccomp() {
    ok run --rm --seccomp -- "$NAME" grep Seccomp: /proc/self/status
    matches "$OUT" 2
    echo \
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}' \
        >"$C/profile"
    fails run --rm --seccomp --seccomp-profile "$C/profile" -- "$NAME" mkdir /x
    contains "$ERR" "Operation not permitted"
}

# --read-only, --mount, --device, --rootfs
case_files() {
    fails run --rm --read-only -- "$NAME" touch /x
    mkdir -p "$C/dir"
    echo host >"$C/dir/file"
    ok run --rm --mount "type=bind,src=$C/dir,dst=/m,options=rbind:ro" -- "$NAME" \
        sh -c 'cat /m/file; touch /m/x 2>/dev/null || echo refused'
    equal "$OUT" $'host\nrefused'
    ok run --rm --device /dev/full -- "$NAME" ls -l /dev/full
    mkdir -p "$C/root"
    tar -C "$C/root" -xf "$IMAGES/bb.tar"
    ok ctrd run --rm --runc-binary "$RUNTIME" --rootfs "$C/root" "$NAME" cat /data/seed
    equal "$OUT" seed
}

# --net-host, --with-ns, --pid-file, --cwd
case_namespaces() {
    ok run --rm --net-host -- "$NAME" readlink /proc/self/ns/net
    equal "$OUT" "$(readlink /proc/self/ns/net)"
    ok run --rm -- "$NAME" ls /sys/class/net
    equal "$OUT" lo
    up --pid-file "$C/pid"
    equal "$(cat "$C/pid")" "$PID"
    ok run --rm --with-ns "network:/proc/$PID/ns/net" --with-ns "ipc:/proc/$PID/ns/ipc" -- \
        "$NAME-2" \
        readlink /proc/self/ns/net
    equal "$OUT" "$(readlink "/proc/$PID/ns/net")"
    ok run --rm --cwd /tmp -- "$NAME-3" pwd
    equal "$OUT" /tmp
}

# --uidmap and --gidmap: a user namespace
case_userns() {
    capture run --rm --uidmap 0:100000:5000 --gidmap 0:100000:5000 -- "$NAME" \
        sh -c 'cat /proc/self/uid_map; id -u; stat -c %u /bin'
    see userns "$STATUS $(tr -s ' ' <<<"$OUT")"
    ok ctrd containers ls -q
}

# errors: no such command, not executable, no such folder, an id twice
case_errors() {
    local command
    for command in no-such /no/such /data/plain /data; do
        fails run --rm -- "$NAME" "$command"
        matches "$ERR" 'not found|no such file|denied|is a directory|format'
    done
    fails run --rm --cwd /data/plain -- "$NAME" true
    up
    fails run -d -- "$NAME" true
    contains "$ERR" "already exists"
    fails inside no-such
    contains "$ERR" "executable file not found in \$PATH"
    fails inside --cwd /no/such -- true
    ok inside true
}

# restart of containerd: the task goes on and can be used
case_restart() {
    up
    containerd_down
    containerd_up ctrd version
    is_state RUNNING || fail "lost"
    ok inside true
    ok ctrd tasks kill -s KILL "$NAME"
    eventually is_state STOPPED
}

# 200 containers in a row leave nothing behind
case_row() {
    local n mounts
    mounts=$(wc -l </proc/self/mountinfo)
    for n in $(seq 200); do
        run --rm -- "$NAME-$n" true </dev/null || fail "container $n"
    done
    sleep 1
    equal "$(pgrep -fc "containerd-shim.*$TAG" || true)" 0
    equal "$(wc -l </proc/self/mountinfo)" "$mounts"
    equal "$(find /run/containerd/runc /sys/fs/cgroup -path "*$TAG/$NAME*" | wc -l)" 0
    equal "$(find "$T/containerd/state" -name "$NAME*" | wc -l)" 0
}
