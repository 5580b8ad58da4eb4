# shellcheck shell=bash
# Podman with its storage, sockets and settings in $T; cgroupfs, no network but the test's own.
# title: Podman 4.3.1
PEER=crun
# What podman itself makes below the parent and leaves there: for conmon, pods and builds.
ENGINE_CGROUPS='/conmon|/build|/[0-9a-f]{64}'

engine_start() {
    podman_settings
    podman import "$IMAGES/bb.tar" bb
}

# What docs/engines.md tells a user to write, in an /etc/containers of this run. `kube play` exchanges the
# soft and the hard of the default limits.
podman_settings() {
    cp -R /etc/containers "$T/etc"
    mount --bind "$T/etc" /etc/containers
    # Whose ids `--userns auto` hands out.
    echo containers:2147483647:2147483648 >"$T/ids"
    mount --bind "$T/ids" /etc/subuid
    mount --bind "$T/ids" /etc/subgid
    containers_conf cgroupfs 'init_path = "/usr/bin/catatonit"' \
        'default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]' >/etc/containers/containers.conf
    cat >/etc/containers/storage.conf <<END
[storage]
driver = "overlay"
graphroot = "$T/podman/graph"
runroot = "$T/podman/run"
END
}

engine_clean() {
    podman pod rm -af -t 0
    podman rm -af -t 0
}

engine_stop() {
    podman volume prune -f
    podman rmi -af
    # What `kube play` makes, without any choice, and leaves.
    find /sys/fs/cgroup -depth -type d -path '*/libpod_parent*' -exec rmdir {} \;
    umount "$T/podman/graph/overlay"
}

# pm COMMAND...: podman; `run` and `create` put the container below the cgroup of this run.
pm() {
    case $1 in
    run | create) podman "$1" --cgroup-parent "/$TAG" "${@:2}" ;;
    *) podman "$@" ;;
    esac
}

# up [FLAG...]: a container that sleeps, named $NAME; PID is its process on the host.
up() {
    ok pm run -d --name "$NAME" "$@" bb sleep 1000
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME")
}

# In the running container of this case.
inside() {
    ok podman exec "$NAME" "$@"
}

running() { [ "$(podman inspect -f '{{.State.Status}}' "$NAME")" = "$1" ]; }

# --- Life ---------------------------------------------------------------------------------------

# run: output and status of the command
case_run() {
    ok pm run --rm bb echo hello
    equal "$OUT" hello
    status 7 pm run --rm bb sh -c 'exit 7'
    status 137 pm run --rm bb sh -c 'sh -c "kill -KILL \$\$"; exit $?'
}

# run -i: standard input reaches the command
case_run_stdin() {
    ok bash -c "echo typed | podman run -i --rm --cgroup-parent /$TAG bb cat"
    equal "$OUT" typed
}

# run -it: a terminal of the container's own
case_run_tty() {
    tty 'tty; stty size; echo $((6*7))\nexit 5\n' podman run -it --rm --cgroup-parent "/$TAG" bb sh
    says /dev/pts/0 42
    equal "$STATUS" 5
}

# run -d, ps, logs, logs --tail and -t
case_run_detached() {
    ok pm run -d --name "$NAME" bb sh -c \
        'for i in 1 2 3; do echo line $i; echo err $i >&2; done; sleep 1000'
    eventually bash -c "podman logs $NAME | grep -q 'line 3'"
    ok podman logs --tail 1 "$NAME"
    equal "$OUT$ERR" "err 3"
    ok podman logs -t "$NAME"
    matches "$OUT" "T.* line 1"
    ok podman ps --format '{{.Names}} {{.Status}}'
    matches "$OUT" "$NAME Up"
}

# create, init, start, wait
case_create_start() {
    ok pm create --name "$NAME" bb sh -c 'echo started; exit 3'
    ok podman init "$NAME"
    ok podman inspect -f '{{.State.Status}}' "$NAME"
    see initialised "$OUT"
    status 3 podman start -a "$NAME"
    ok podman wait "$NAME"
    equal "$OUT" 3
    ok podman logs "$NAME"
    equal "$OUT" started
}

# attach to a running container
case_attach() {
    ok pm run -d --name "$NAME" bb sh -c 'while [ ! -e /go ]; do sleep 0.1; done; echo went; exit 4'
    timeout 20 podman attach --no-stdin "$NAME" >"$C/attached" 2>"$C/attached.err" &
    local job=$! code=0
    sleep 1
    inside touch /go
    wait $job || code=$?
    cat "$C/attached.err"
    see attach "$code"
    ok podman wait "$NAME"
    equal "$OUT" 4
    equal "$(cat "$C/attached")" went
}

# exec: output, status, environment, folder, user, detached
case_exec() {
    up --env BASE=1
    status 9 podman exec "$NAME" sh -c 'exit 9'
    ok podman exec -e MORE=2 -w /tmp -u app "$NAME" sh -c \
        'echo $BASE $MORE $(pwd) $(id -u) $(id -g) $(id -G)'
    equal "$OUT" "1 2 /tmp 1000 1000 1000 2000"
    ok podman exec -d "$NAME" touch /made
    eventually podman exec "$NAME" test -e /made
    ok bash -c "echo in | podman exec -i $NAME cat"
    equal "$OUT" in
}

# exec -it: a terminal for the command
case_exec_tty() {
    up
    tty 'tty; echo $((6*7))\nexit 6\n' podman exec -it "$NAME" sh
    says /dev/pts/ 42
    equal "$STATUS" 6
}

# exec --privileged and the capabilities of an ordinary exec
case_exec_caps() {
    up
    inside grep Cap /proc/self/status
    see ordinary "$OUT"
    ok podman exec -u app "$NAME" grep Cap /proc/self/status
    see user "$OUT"
    ok podman exec --privileged "$NAME" grep Cap /proc/self/status
    see privileged "$OUT"
    contains "$OUT" "CapEff:	$(awk '/CapEff/ { print $2 }' /proc/self/status)"
    ok podman exec --privileged -u app "$NAME" grep Cap /proc/self/status
    see privileged-user "$OUT"
}

# exec --preserve-fds
case_exec_preserve_fds() {
    up
    ok bash -c \
        "podman exec --preserve-fds 2 $NAME sh -c 'cat <&3; cat <&4' 3<<<three 4<<<four"
    equal "$OUT" $'three\nfour'
}

# stop: a program that handles the signal ends with its own status
case_stop() {
    ok pm run -d --name "$NAME" bb sh -c \
        'trap "exit 12" TERM; echo ready; while :; do sleep 0.1; done'
    eventually bash -c "podman logs $NAME | grep ready"
    ok podman stop "$NAME"
    ok podman inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Pid}}' "$NAME"
    equal "$OUT" "exited 12 0"
}

# stop -t: a program that ignores the signal is killed
case_stop_timeout() {
    up
    ok podman stop -t 1 "$NAME"
    ok podman inspect -f '{{.State.ExitCode}}' "$NAME"
    equal "$OUT" 137
}

# stop with --stop-signal, kill --signal
case_kill() {
    ok pm run -d --name "$NAME" --stop-signal USR1 bb \
        sh -c 'trap "echo hup" HUP; trap "exit 21" USR1; echo ready; while :; do sleep 0.1; done'
    eventually bash -c "podman logs $NAME | grep ready"
    ok podman kill --signal HUP "$NAME"
    eventually bash -c "podman logs $NAME | grep hup"
    ok podman stop "$NAME"
    ok podman inspect -f '{{.State.ExitCode}}' "$NAME"
    equal "$OUT" 21
    fails podman kill "$NAME"
    see again "${ERR%%:*}"
}

# kill with SIGKILL
case_kill_now() {
    up
    ok podman kill "$NAME"
    ok podman wait "$NAME"
    equal "$OUT" 137
}

# pause and unpause
case_pause() {
    up
    ok podman pause "$NAME"
    running paused || fail "not paused"
    fails podman exec "$NAME" true
    see exec-status "$STATUS"
    ok podman unpause "$NAME"
    running running || fail "not running"
    inside true
}

# rm -f of a paused container
case_pause_rm() {
    up
    ok podman pause "$NAME"
    ok podman rm -f -t 0 "$NAME"
}

# cp from and to a paused container
case_pause_cp() {
    up
    inside sh -c 'echo made >/made'
    ok podman pause "$NAME"
    ok podman cp "$NAME:/made" "$C/copy"
    equal "$(cat "$C/copy")" made
    ok podman cp "$C/copy" "$NAME:/tmp/back"
    running paused || fail "not paused"
    ok podman unpause "$NAME"
    inside cat /tmp/back
    equal "$OUT" made
}

# container clone, with limits of its own and in the place of the first
case_clone() {
    up --memory 64m --env A=b
    ok podman container clone --name "$NAME-2" "$NAME"
    ok podman start "$NAME-2"
    ok podman exec "$NAME-2" sh -c 'echo $A'
    equal "$OUT" b
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME-2")
    see memory "$(limits memory)"
    ok podman stop -t 0 "$NAME-2"
    ok podman container clone --cpus 0.3 --memory 48m --destroy "$NAME-2" "$NAME-3"
    fails podman container exists "$NAME-2"
    ok podman start "$NAME-3"
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME-3")
    see memory-after "$(limits memory)"
    see cpu-after "$(limits cpu)"
}

# restart
case_restart() {
    up
    ok podman restart -t 0 "$NAME"
    [ "$PID" != "$(podman inspect -f '{{.State.Pid}}' "$NAME")" ] || fail "same process"
    inside true
}

# --restart=on-failure starts again
case_restart_policy() {
    ok pm run -d --name "$NAME" --restart on-failure:2 bb sh -c 'echo once; exit 1'
    eventually bash -c "[ \$(podman logs $NAME | wc -l) = 3 ]"
}

# top, with ps descriptors
case_top() {
    up
    ok podman top "$NAME"
    says 'sleep 1000'
    ok podman top "$NAME" pid hpid args capeff seccomp
    says 'sleep 1000' filter "$PID"
}

# stats
case_stats() {
    up --memory 64m
    ok podman stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' "$NAME"
    matches "$OUT" "$NAME 1 .*67.11MB"
}

# inspect: state, runtime, settings
case_inspect() {
    up --memory 64m --cap-add SYS_TIME --hostname box
    ok podman inspect -f '{{.OCIRuntime}}' "$NAME"
    equal "$OUT" "$KIND"
    ok podman inspect -f \
        '{{.State.Status}} {{.State.Paused}} {{.HostConfig.Memory}} {{.Config.Hostname}}' "$NAME"
    see inspect "$OUT"
    ok podman inspect -f '{{.EffectiveCaps}} {{.State.CgroupPath}}' "$NAME"
    see more "${OUT%libpod*}"
    ok podman inspect -f '{{.ConmonPidFile}} {{.PidFile}}' "$NAME"
    equal "$(cat "${OUT##* }")" "$PID"
}

# healthcheck run: healthy and not
case_health() {
    up --health-cmd 'test -e /tmp/well' --health-interval disable
    status 1 podman healthcheck run "$NAME"
    inside touch /tmp/well
    ok podman healthcheck run "$NAME"
    ok podman inspect -f '{{.State.Health.Status}}' "$NAME"
    equal "$OUT" healthy
}

# info and version name the runtime
case_info() {
    ok podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.OCIRuntime.Path}}'
    equal "$OUT" "$KIND $RUNTIME"
    ok podman info --format '{{.Host.OCIRuntime.Version}}'
    contains "$OUT" "$KIND version"
}

# events: start, died, remove
case_events() {
    ok pm run --rm --name "$NAME" bb true
    ok podman events --stream=false --filter "container=$NAME" --format '{{.Status}}'
    see events "$(sort -u <<<"$OUT" | tr '\n' ' ')"
}

# cp, diff, commit, export, mount
case_files() {
    up
    inside sh -c 'echo made >/made'
    ok podman cp "$NAME:/made" "$C/copy"
    equal "$(cat "$C/copy")" made
    ok podman cp "$C/copy" "$NAME:/tmp/back"
    inside cat /tmp/back
    equal "$OUT" made
    ok podman diff "$NAME"
    says "A /made"
    ok bash -c "podman export $NAME | tar -xOf - made"
    equal "$OUT" made
    ok podman mount "$NAME"
    equal "$(cat "$OUT/made")" made
    ok podman umount "$NAME"
    ok podman commit -q "$NAME" committed
    ok pm run --rm committed cat /made
    equal "$OUT" made
}

# --- Resources ----------------------------------------------------------------------------------

# --memory, --memory-swap, --memory-reservation, --oom-score-adj
case_memory() {
    up --memory 64m --memory-swap 64m --memory-reservation 32m --oom-score-adj 100
    see limit "$(limits memory)"
    equal "$(cat "/proc/$PID/oom_score_adj")" 100
}

# --memory: what needs more is killed, and podman says so
case_oom() {
    status 137 pm run --name "$NAME" --memory 16m --memory-swap 16m bb \
        sh -c 'tail /dev/zero'
    ok podman inspect -f '{{.State.OOMKilled}}' "$NAME"
    see oom "$OUT"
}

# --cpus, --cpu-shares, --cpuset-cpus, --pids-limit
case_cpu_pids() {
    up --cpus 0.5 --cpu-shares 512 --cpuset-cpus 1 --pids-limit 20
    see quota "$(limits cpu)"
    see cpus "$(cat "$(cgroup "$PID" cpuset)/cpuset.cpus")"
    equal "$(cat "$(cgroup "$PID" pids)/pids.max")" 20
    fails podman exec "$NAME" sh -c 'for i in $(seq 30); do sleep 5 & done; wait'
}

# --pids-limit -1 and 0: as many as there may be
case_pids_unlimited() {
    local limit
    for limit in -1 0; do
        ok pm run --rm --pids-limit "$limit" bb sh -c 'for i in 1 2 3; do sleep 0.1 & done; wait; echo forked
            cat /sys/fs/cgroup/pids/pids.max'
        equal "$OUT" $'forked\nmax'
    done
}

# --blkio-weight, --device-read-bps
case_blkio() {
    capture pm run --rm --device-read-bps /dev/vda:1mb bb true
    see throttle "$STATUS"
    capture pm run --rm --blkio-weight 200 bb true
    see weight "$STATUS"
}

# update: new limits for a running container
case_update() {
    up --memory 64m --memory-swap 128m
    ok podman update --memory 48m --cpus 0.25 --cpuset-cpus 0 "$NAME"
    see limit "$(limits memory)"
    see quota "$(limits cpu)"
    equal "$(cat "$(cgroup "$PID" cpuset)/cpuset.cpus")" 0
}

# --cgroups=disabled
case_cgroups_disabled() {
    ok podman run -d --name "$NAME" --cgroups disabled bb sleep 1000
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME")
    see same \
        "$(diff <(cut -d : -f 2- /proc/self/cgroup) <(cut -d : -f 2- "/proc/$PID/cgroup") && echo same)"
    inside true
    ok podman stop -t 0 "$NAME"
}

# --cgroups=split
case_cgroups_split() {
    tried "Podman finds no cgroup of its own outside systemd's; \`systemd\` and \`rootless\` have it" \
        "could not find cgroup mount" podman run -d --name "$NAME" --cgroups split bb sleep 1000
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME")
    see path "$(sed "s/$TAG/TAG/; s/-[0-9]*//" "/proc/$PID/cgroup" | cut -d : -f 2-)"
    inside true
}

# --cgroups=no-conmon
case_cgroups_no_conmon() {
    up --cgroups no-conmon
    inside true
    see depth "$(grep -c libpod- "/proc/$PID/cgroup")"
}

# --cgroupns=private and host
case_cgroupns() {
    ok pm run --rm --cgroupns private bb readlink /proc/self/ns/cgroup
    [ "$OUT" != "$(readlink /proc/self/ns/cgroup)" ] || fail "the host's"
    ok pm run --rm --cgroupns host bb readlink /proc/self/ns/cgroup
    equal "$OUT" "$(readlink /proc/self/ns/cgroup)"
    ok pm run --rm --cgroupns private bb grep -c /sys/fs/cgroup /proc/self/mountinfo
    see mounts "$OUT"
    ok pm run --rm --cgroupns private bb sh -c \
        'mkdir /sys/fs/cgroup/pids/x 2>/dev/null || echo refused'
    equal "$OUT" refused
}

# --ulimit
case_ulimit() {
    ok pm run --rm --ulimit nofile=200:300 --ulimit core=0 --ulimit nproc=100:200 bb sh -c \
        'ulimit -n; ulimit -Hn; ulimit -c'
    equal "$OUT" $'200\n300\n0'
}

# --- Errors -------------------------------------------------------------------------------------

# status 125: podman or the runtime fails
case_error_125() {
    status 125 pm run --rm --no-such-flag bb true
    status 125 pm run --rm --sysctl bad bb true
    capture pm run --rm --workdir /no/such bb true
    see workdir "$STATUS"
    capture pm run --rm --cpuset-cpus 99 bb true
    see cpuset "$STATUS"
    capture pm run --rm --memory 1k bb true
    see memory "$STATUS"
}

# status 126: what was found cannot be executed
case_error_126() {
    status 126 pm run --rm bb /data/plain
    status 126 pm run --rm bb /data
    up
    capture podman exec "$NAME" /data/plain
    equal "$STATUS" 126
    capture podman exec "$NAME" /data
    see folder "$STATUS"
}

# status 127: not found
case_error_127() {
    status 127 pm run --rm bb no-such
    status 127 pm run --rm bb /no/such
    up
    capture podman exec "$NAME" no-such
    equal "$STATUS" 127
    capture podman exec "$NAME" /no/such
    equal "$STATUS" 127
    capture podman exec --workdir /no/such "$NAME" true
    see workdir "$STATUS"
    capture podman exec --user nobody-here "$NAME" true
    see user "$STATUS"
}

# an error leaves nothing running and can be tried again
case_error_clean() {
    status 127 pm run --name "$NAME" bb no-such
    ok podman ps -aq --filter "name=$NAME" --filter status=running
    equal "$OUT" ""
    ok podman rm -f "$NAME"
    ok pm run --rm --name "$NAME" bb true
}

# twenty containers at once
case_parallel() {
    local n
    for n in $(seq 20); do
        podman run --rm --cgroup-parent "/$TAG" bb echo "$n" >>"$C/numbers" 2>>"$C/parallel.err" &
    done
    wait
    cat "$C/parallel.err"
    equal "$(sort -n "$C/numbers" | tr '\n' ' ')" "$(seq -s ' ' 20) "
}
