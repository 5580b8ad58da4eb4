# shellcheck shell=bash
# Docker with a daemon, a containerd and settings of its own; no bridge and no firewall rules.
# title: Docker 20.10.24
PEER=runc
# What BuildKit makes for its builds and keeps.
ENGINE_CGROUPS='/buildkit'
export DOCKER_HOST=unix://$T/docker.sock DOCKER_CONFIG=$T/docker-client DOCKER_BUILDKIT=0
DOCKER=/usr/bin/docker

engine_start() {
    mkdir -p "$T/docker-client" "$T/bin"
    # BuildKit inside dockerd looks for `runc` in its PATH.
    ln -s "$RUNTIME" "$T/bin/runc"
    printf "nobody:300000:65536\nnogroup:300000:65536\n" >"$T/ids"
    mount --bind "$T/ids" /etc/subuid
    mount --bind "$T/ids" /etc/subgid
    settings ''
    daemon_up
    docker import "$IMAGES/bb.tar" bb
}

# settings MORE: the daemon.json; the lines at its top are what docs/engines.md names.
settings() {
    cat >"$T/daemon.json" <<END
{
  "runtimes": {"$KIND": {"path": "$RUNTIME"}},
  "default-runtime": "$KIND",
  $1
  "data-root": "$T/docker", "exec-root": "/run/docker", "pidfile": "$T/docker.pid",
  "hosts": ["unix://$T/docker.sock"],
  "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false, "ip-masq": false,
  "userland-proxy": false, "storage-driver": "overlay2", "cgroup-parent": "/$TAG",
  "exec-opts": ["native.cgroupdriver=cgroupfs"],
  "default-ulimits": {"nofile": {"Name": "nofile", "Soft": 1024, "Hard": 4096}}
}
END
    # runc is docker's own and cannot be set a second time.
    [ "$KIND" != runc ] || sed -i '/"runtimes"/d' "$T/daemon.json"
}

docker() { "$DOCKER" "$@"; }

daemon_up() {
    PATH=$T/bin:$PATH dockerd --config-file "$T/daemon.json" >>"$T/dockerd.log" 2>&1 &
    ready "$T/dockerd.log" docker version
}

daemon_down() { end_of "$T/docker.pid"; }

engine_clean() {
    # shellcheck disable=SC2046
    docker rm -f -v $(docker ps -aq)
}

engine_stop() {
    daemon_down
}

# up [FLAG...]: a container that sleeps, named $NAME; PID is its process on the host.
up() {
    ok docker run -d --name "$NAME" "$@" bb sleep 1000
    PID=$(docker inspect -f '{{.State.Pid}}' "$NAME")
}

inside() {
    ok docker exec "$NAME" "$@"
}

is_state() { [ "$(docker inspect -f '{{.State.Status}}' "$NAME")" = "$1" ]; }

# run: output and status
case_run() {
    ok docker run --rm bb echo hello
    equal "$OUT" hello
    status 7 docker run --rm bb sh -c 'exit 7'
    ok bash -c "echo typed | $DOCKER run -i --rm bb cat"
    equal "$OUT" typed
}

# run -it: a terminal
case_run_tty() {
    tty 'tty; stty size; echo $((6*7))\nexit 5\n' docker run -it --rm bb sh
    says /dev/pts/0 42
    equal "$STATUS" 5
}

# run -d, ps, logs, wait, attach
case_detached() {
    ok docker run -d --name "$NAME" bb sh -c \
        'echo out; echo err >&2; while [ ! -e /go ]; do sleep 0.1; done; echo went; exit 3'
    ok docker ps --format '{{.Names}} {{.Status}}'
    matches "$OUT" "$NAME Up"
    timeout 20 "$DOCKER" attach --no-stdin "$NAME" >"$C/attached" &
    local job=$! code=0
    until_attached
    inside touch /go
    wait $job || code=$?
    equal "$code $(cat "$C/attached")" "3 went"
    ok docker wait "$NAME"
    equal "$OUT" 3
    ok docker logs "$NAME"
    equal "$OUT $ERR" $'out\nwent err'
}

# until_attached: until the daemon tells that somebody is attached to the container.
until_attached() {
    local n
    for n in {1..100}; do
        ok docker events --since 1m --until 0s --filter "container=$NAME" --filter event=attach
        [ -z "$OUT" ] || return 0
        sleep 0.1
    done
    fail "nobody is attached"
}

# exec: output, status, user, folder, environment, detached, standard input
case_exec() {
    up -e BASE=1
    status 9 docker exec "$NAME" sh -c 'exit 9'
    ok docker exec -e MORE=2 -w /tmp -u app "$NAME" sh -c \
        'echo $BASE $MORE $(pwd) $(id -u) $(id -G)'
    equal "$OUT" "1 2 /tmp 1000 1000 2000"
    ok docker exec -d "$NAME" touch /made
    eventually docker exec "$NAME" test -e /made
    ok bash -c "echo in | $DOCKER exec -i $NAME cat"
    equal "$OUT" in
}

# exec -it
case_exec_tty() {
    up
    tty 'tty; echo $((6*7))\nexit 6\n' docker exec -it "$NAME" sh
    says /dev/pts/ 42
    equal "$STATUS" 6
}

# stop: handled, ignored; start again
case_stop() {
    ok docker run -d --name "$NAME" bb sh -c \
        'trap "exit 12" TERM; echo ready; while :; do sleep 0.1; done'
    eventually bash -c "$DOCKER logs $NAME | grep ready"
    ok docker stop "$NAME"
    ok docker inspect -f '{{.State.ExitCode}}' "$NAME"
    equal "$OUT" 12
    ok docker start "$NAME"
    is_state running || fail "not started"
    ok docker run -d --name "$NAME-2" bb sleep 1000
    ok docker stop -t 1 "$NAME-2"
    ok docker inspect -f '{{.State.ExitCode}}' "$NAME-2"
    equal "$OUT" 137
}

# kill, kill -s
case_kill() {
    ok docker run -d --name "$NAME" bb sh -c \
        'trap "echo hup" HUP; echo ready; while :; do sleep 0.1; done'
    eventually bash -c "$DOCKER logs $NAME | grep ready"
    ok docker kill -s HUP "$NAME"
    eventually bash -c "$DOCKER logs $NAME | grep hup"
    ok docker kill "$NAME"
    ok docker inspect -f '{{.State.ExitCode}}' "$NAME"
    equal "$OUT" 137
    fails docker kill "$NAME"
    see again "${ERR##* is }"
}

# restart, and --restart policies
case_restart() {
    up
    ok docker restart -t 0 "$NAME"
    [ "$PID" != "$(docker inspect -f '{{.State.Pid}}' "$NAME")" ] || fail "same process"
    ok docker run -d --name "$NAME-2" --restart on-failure:2 bb sh -c 'echo once; exit 1'
    eventually bash -c "[ \$($DOCKER logs $NAME-2 | wc -l) = 3 ]"
}

# pause and unpause
case_pause() {
    up
    ok docker pause "$NAME"
    is_state paused || fail "not paused"
    fails docker exec "$NAME" true
    see exec "$STATUS"
    ok docker unpause "$NAME"
    inside true
    ok docker pause "$NAME"
    ok docker rm -f "$NAME"
}

# top and stats
case_top_stats() {
    up --memory 64m
    ok docker top "$NAME"
    says 'sleep 1000'
    ok docker top "$NAME" -o pid,args
    says "$PID"
    ok docker stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' "$NAME"
    matches "$OUT" "$NAME .*64MiB 1"
}

# update of limits and of the restart policy
case_update() {
    up --memory 64m --memory-swap 128m
    ok docker update --memory 48m --cpu-shares 300 --cpuset-cpus 0 --pids-limit 50 --restart \
        always "$NAME"
    see memory "$(limits memory)"
    see shares "$(limits cpu)"
    equal "$(cat "$(cgroup "$PID" cpuset)/cpuset.cpus")" 0
    equal "$(cat "$(cgroup "$PID" pids)/pids.max")" 50
}

# resource flags
case_resources() {
    up --memory 64m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 1 \
        --pids-limit 20 --oom-score-adj 100 --ulimit nofile=200:300 --shm-size 2m
    see memory "$(limits memory)"
    see cpu "$(limits cpu)"
    equal "$(cat "$(cgroup "$PID" cpuset)/cpuset.cpus")" 1
    equal "$(cat "$(cgroup "$PID" pids)/pids.max")" 20
    equal "$(cat "/proc/$PID/oom_score_adj")" 100
    inside sh -c 'ulimit -n; df -k /dev/shm | tail -n 1'
    see inside "$(tr -s ' ' <<<"$OUT")"
}

# out of memory
case_oom() {
    status 137 docker run --name "$NAME" --memory 16m bb tail /dev/zero
    ok docker inspect -f '{{.State.OOMKilled}}' "$NAME"
    equal "$OUT" true
}

# run --privileged, --cap-add ALL, exec --privileged
case_privileged() {
    # Docker 20.10 names 38 of them.
    local all=0000003fffffffff
    tried "Docker wants every capability, and this machine has not all; \`driver\` has it" \
        "not permitted" docker run --rm --privileged bb grep CapEff /proc/self/status
    says "$all"
    ok docker run --rm --cap-add ALL bb grep CapEff /proc/self/status
    says "$all"
    up
    ok docker exec --privileged "$NAME" grep CapEff /proc/self/status
    says "$all"
}

# --cap-add, --cap-drop, --security-opt
case_privileges() {
    local flags
    for flags in "" "--cap-add SYS_ADMIN" "--cap-drop ALL" "--user app" \
        "--security-opt no-new-privileges" "--security-opt seccomp=unconfined" \
        "--security-opt systempaths=unconfined"; do
        # shellcheck disable=SC2086
        capture docker run --rm $flags bb grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status
        see "status${flags// /_}" "$STATUS $OUT"
    done
    echo \
        '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}' \
        >"$C/profile"
    fails docker run --rm --security-opt "seccomp=$C/profile" bb mkdir /x
    contains "$ERR" "Operation not permitted"
}

# what a container sees of /proc and /sys
case_masks() {
    ok docker run --rm bb sh -c 'cat /proc/kcore /proc/keys /proc/timer_list | wc -c
        echo 1 >/proc/sys/vm/swappiness || echo refused
        awk "{ print \$5, substr(\$6, 1, 2) }" /proc/self/mountinfo | grep -v cgroup | sort'
    see masks "$OUT"
}

# --read-only, --tmpfs, -v, --mount, volumes
case_files() {
    fails docker run --rm --read-only bb touch /x
    ok docker run --rm --read-only --tmpfs /t:size=1m,mode=700 bb sh -c 'touch /t/x; stat -c %a /t'
    equal "$OUT" 700
    mkdir -p "$C/dir"
    echo host >"$C/dir/file"
    ok docker run --rm -v "$C/dir:/m:ro" bb sh -c \
        'cat /m/file; touch /m/x 2>/dev/null || echo refused'
    equal "$OUT" $'host\nrefused'
    ok docker run --rm --mount "type=bind,src=$C/dir,dst=/m,bind-propagation=rprivate" bb cat \
        /m/file
    ok docker run --rm --mount type=tmpfs,dst=/t,tmpfs-size=1m bb touch /t/x
    ok docker volume create "$NAME"
    ok docker run --rm -v "$NAME:/data" bb cat /data/seed
    equal "$OUT" seed
    ok docker volume rm "$NAME"
    status 125 docker run --rm --mount "type=bind,src=$C/none,dst=/m" bb true
    capture docker run --rm -v "$C/dir/file:/data" bb true
    see file-over-folder "$STATUS"
}

# --device, --device-cgroup-rule, --sysctl, --hostname, --init
case_devices_names() {
    ok docker run --rm --device /dev/loop-control:/dev/lc:r bb sh -c \
        'ls -l /dev/lc | cut -c 1-10; : </dev/lc'
    equal "$OUT" crw-------
    fails docker run --rm --device /dev/loop-control:/dev/lc:r bb sh -c ': >/dev/lc'
    ok docker run --rm --device-cgroup-rule 'c 10:237 rmw' bb sh -c 'mknod /dev/x c 10 237 && : </dev/x'
    fails docker run --rm bb sh -c 'mknod /dev/x c 10 237 && : </dev/x'
    ok docker run --rm --sysctl kernel.msgmax=4096 --hostname box bb sh -c \
        'cat /proc/sys/kernel/msgmax; hostname'
    equal "$OUT" $'4096\nbox'
    ok docker run --rm --init bb sh -c 'cat /proc/1/comm'
    see init "$OUT"
}

# --network, --ipc, --pid, --uts, --cgroupns
case_namespaces() {
    local kind
    up --ipc shareable
    for kind in net ipc pid; do
        flag=${kind/net/network}
        ok docker run --rm "--$flag" host bb readlink "/proc/self/ns/$kind"
        equal "$OUT" "$(readlink "/proc/self/ns/$kind")"
        ok docker run --rm "--$flag" "container:$NAME" bb readlink "/proc/self/ns/$kind"
        equal "$OUT" "$(readlink "/proc/$PID/ns/$kind")"
    done
    ok docker run --rm --uts host bb readlink /proc/self/ns/uts
    equal "$OUT" "$(readlink /proc/self/ns/uts)"
    ok docker run --rm --cgroupns host bb readlink /proc/self/ns/cgroup
    equal "$OUT" "$(readlink /proc/self/ns/cgroup)"
    ok docker run --rm --cgroupns private bb sh -c 'readlink /proc/self/ns/cgroup; cat /proc/self/cgroup'
    [ "${OUT%%$'\n'*}" != "$(readlink /proc/self/ns/cgroup)" ] || fail "the host's"
    contains "$OUT" :memory:/$'\n'
    ok docker run --rm --network none bb ls /sys/class/net
    equal "$OUT" lo
}

# health checks: healthy, then not
case_health() {
    up --health-cmd 'test -e /tmp/well' --health-interval 1s --health-retries 1
    inside touch /tmp/well
    eventually bash -c "[ \$($DOCKER inspect -f '{{.State.Health.Status}}' $NAME) = healthy ]"
    inside rm /tmp/well
    eventually bash -c "[ \$($DOCKER inspect -f '{{.State.Health.Status}}' $NAME) = unhealthy ]"
}

# build with RUN, as root and as a user
case_build() {
    build_context
    ok docker build --build-arg WORD=well -t "$NAME" "$C/context"
    ok docker run --rm "$NAME"
    equal "$OUT" $'built-well\n0\napp'
    fails docker build - <<<$'FROM bb\nRUN exit 3'
}

build_context() {
    mkdir -p "$C/context"
    cat >"$C/context/Dockerfile" <<'END'
FROM bb
ARG WORD=none
RUN echo built-$WORD >/built && id -u >>/built
USER app
RUN id -un >/home/app/who
CMD cat /built /home/app/who
END
}

# build with BuildKit, which calls `runc` itself
case_buildkit() {
    build_context
    export DOCKER_BUILDKIT=1
    ok docker build --progress plain --network none --build-arg WORD=well -t "$NAME" "$C/context"
    ok docker run --rm "$NAME"
    equal "$OUT" $'built-well\n0\napp'
}

# a Debian root file system
case_debian() {
    ok docker import "$IMAGES/debian.tar" debian
    ok docker run --rm debian bash -c 'perl -e "print 6*7"; dpkg -l libc6 | tail -n 1 | cut -c 1-2'
    equal "$OUT" 42ii
}

# cp, diff, commit, export, inspect, events
case_tools() {
    local begin=$EPOCHSECONDS
    up
    inside sh -c 'echo made >/made'
    ok docker cp "$NAME:/made" "$C/copy"
    equal "$(cat "$C/copy")" made
    ok docker diff "$NAME"
    says "A /made"
    ok bash -c "$DOCKER export $NAME | tar -xOf - made"
    equal "$OUT" made
    ok docker commit "$NAME" committed
    ok docker run --rm committed cat /made
    ok docker inspect -f '{{.HostConfig.Runtime}}' "$NAME"
    equal "$OUT" "$KIND"
    ok docker info -f '{{.DefaultRuntime}}'
    equal "$OUT" "$KIND"
    ok docker stop -t 0 "$NAME"
    ok docker events --since "$begin" --until "$((EPOCHSECONDS + 1))" --filter "container=$NAME" \
        --format '{{.Action}}'
    see events "$(sort -u <<<"$OUT" | tr '\n' ' ')"
    says start exec_die die stop
}

# errors: 125, 126, 127 for run and exec
case_errors() {
    status 125 docker run --rm --no-such-flag bb true
    status 127 docker run --rm bb no-such
    status 127 docker run --rm bb /no/such
    status 126 docker run --rm bb /data/plain
    status 126 docker run --rm bb /data
    capture docker run --rm -w /data/plain bb true
    see cwd "$STATUS"
    capture docker run --rm --sysctl kernel.no_such=1 bb true
    see sysctl "$STATUS"
    up
    capture docker exec "$NAME" no-such
    see exec-none "$STATUS"
    capture docker exec "$NAME" /data/plain
    see exec-plain "$STATUS"
    capture docker exec "$NAME" /data
    see exec-folder "$STATUS"
    capture docker exec -w /no/such "$NAME" true
    see exec-cwd "$STATUS"
}

# live-restore: the container survives a restart of the daemon
case_live_restore() {
    settings '"live-restore": true,'
    daemon_down
    daemon_up
    up
    daemon_down
    kill -0 "$PID" || fail "the container has ended"
    daemon_up
    is_state running || fail "lost"
    inside echo alive
    equal "$OUT" alive
    ok docker stop -t 0 "$NAME"
    settings ''
    daemon_down
    daemon_up
}

# userns-remap: root of the container is nobody on the host
case_userns_remap() {
    settings '"userns-remap": "nobody:nogroup",'
    daemon_down
    daemon_up
    docker import "$IMAGES/bb.tar" bb
    up --memory 64m
    equal "$(stat -c %u "/proc/$PID")" 300000
    inside sh -c 'cat /proc/self/uid_map; id -u; touch /x; stat -c %u /x'
    see map "$(tr -s ' ' <<<"$OUT")"
    ok docker run --rm --read-only --tmpfs /t --cap-add NET_ADMIN bb sh -c 'touch /t/x; id -u'
    tty 'tty\nexit 3\n' docker run -it --rm bb sh
    equal "$STATUS" 3
    ok docker run --rm --userns host bb cat /proc/self/uid_map
    see host "$(tr -s ' ' <<<"$OUT")"
    docker rm -f "$NAME"
    settings ''
    daemon_down
    daemon_up
}
