# shellcheck shell=bash
# Podman of an ordinary user with a systemd of their own.
# machine: user
# title: Podman 4.3.1, rootless
PEER=crun
MINE=(runuser -u tester -- env -C /home/tester HOME=/home/tester XDG_RUNTIME_DIR=/run/user/1000
    DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/1000/bus)
PODMAN=("${MINE[@]}" podman)
SCRATCH=/run/user/1000
# shellcheck source=integration/engines/settings.sh
source "$HERE/settings.sh"

engine_start() {
    systemctl start user@1000
    settings /home/tester/.config/containers
    chown -R tester: /home/tester/.config
    # As udev leaves it, for slirp4netns.
    chmod 666 /dev/net/tun
    pm import "$IMAGES/bb.tar" bb
}

engine_clean() {
    [ -z "$(pm ps -aq)" ] || pm rm -af -t 0
    rm -rf /home/tester/dir
}

engine_stop() {
    pm rmi -af
    pm system migrate
}

engine_left() {
    scopes_left "${MINE[@]}" systemctl --user
    groups_left -path '*/user.slice/*'
    states_left /run/user/1000
}

property() {
    "${MINE[@]}" systemctl --user show --value -p "$1" "$(basename "$(group)")"
}

own_folder() {
    "${MINE[@]}" mkdir -p /home/tester/dir
}

# run: output and status of the command; a terminal; root is the user
case_run() {
    status 7 pm run --rm bb sh -c 'echo hello; id -u; cat /proc/self/uid_map; exit 7'
    see run "$(tr -s ' ' <<<"$OUT")"
    tty 'tty\nexit 5\n' "${PODMAN[@]}" run -it --rm bb sh
    says /dev/pts/0
    equal "$STATUS" 5
}

# exec: output, status, user, standard input, a terminal; logs, inspect
case_exec() {
    ok pm run -d --name "$NAME" --env BASE=1 bb sh -c 'echo line; exec sleep 1000'
    status 9 pm exec -e MORE=2 -w /tmp -u app "$NAME" sh -c 'echo $BASE $MORE $(pwd) $(id -u); exit 9'
    equal "$OUT" "1 2 /tmp 1000"
    ok pm exec "$NAME" cat /proc/self/cgroup
    see exec "$OUT"
    tty 'tty\nexit 6\n' "${PODMAN[@]}" exec -it "$NAME" sh
    says /dev/pts/
    equal "$STATUS" 6
    ok pm logs "$NAME"
    equal "$OUT" line
    ok pm inspect -f '{{.OCIRuntime}} {{.State.Status}}' "$NAME"
    equal "$OUT" "$KIND running"
}

# --memory, --cpus, --cpuset-cpus, --pids-limit, update: a scope of the user's systemd
case_limits() {
    up --memory 64m --memory-swap 96m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 1 --pids-limit 20
    matches "$(group)" 'user@1000\.service/user\.slice/libpod-[0-9a-f]*\.scope(/container)?$'
    see memory "$(limits memory)"
    see cpu "$(cpu_limits)"
    see rest "$(group_file cpuset.cpus) $(group_file pids.max)"
    ok pm update --memory 48m --cpus 0.25 "$NAME"
    see memory-after "$(limits memory)"
    see cpu-after "$(cpu_limits)"
    inside cat /sys/fs/cgroup/memory.max
    equal "$OUT" 50331648
}

# limits: systemd knows of them, and does not undo them when it reads its units again
case_reload() {
    up --memory 64m --pids-limit 20
    equal "$(property MemoryMax) $(property TasksMax)" "67108864 20"
    "${MINE[@]}" systemctl --user daemon-reload
    equal "$(group_file memory.max) $(group_file pids.max)" "67108864 20"
}

# pause and unpause, top, stats, stop
case_control() {
    up --memory 64m
    ok pm pause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 1"
    ok pm unpause "$NAME"
    ok pm top "$NAME" pid hpid args
    says 'sleep 1000' "$PID"
    ok pm stats --no-stream --format '{{.PIDs}} {{.MemUsage}}' "$NAME"
    matches "$OUT" "^1 .*67.11MB"
    ok pm stop -t 1 "$NAME"
    ok pm inspect -f '{{.State.Status}} {{.State.ExitCode}}' "$NAME"
    equal "$OUT" "exited 137"
}

# kill --signal, stop of a program that handles the signal, start again
case_kill() {
    handles_signals
}

# out of memory: the status, and podman says so
case_oom() {
    runs_out_of_memory
}

# health checks by a timer of the user's systemd
case_health() {
    is_checked
}

# --userns=keep-id, auto, nomap, --uidmap
case_userns() {
    local kind
    for kind in --userns=keep-id --userns=auto --userns=nomap --uidmap=0:1:500; do
        ok pm run --rm "$kind" bb sh -c 'id -u; cat /proc/self/uid_map; touch /tmp/x'
        see "$kind" "$(tr -s ' ' <<<"$OUT")"
    done
}

# --userns=keep-id with a folder of the user, limits, exec and a terminal
case_keep_id() {
    own_folder
    up --userns keep-id --memory 64m -v /home/tester/dir:/m
    inside sh -c 'id -u; touch /m/x; stat -c %u:%g /m/x; cat /sys/fs/cgroup/memory.max'
    equal "$OUT" $'1000\n1000:1000\n67108864'
    equal "$(stat -c %U /home/tester/dir/x)" tester
    tty 'tty\nexit 3\n' "${PODMAN[@]}" exec -it "$NAME" sh
    says /dev/pts/
    equal "$STATUS" 3
}

# seccomp, capabilities, no-new-privileges, read-only, tmpfs, init, devices, privileged
case_security() {
    "${MINE[@]}" tee /home/tester/profile >/dev/null <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}'
    ok pm run --rm --read-only --tmpfs /t:size=1m --cap-drop ALL --cap-add NET_BIND_SERVICE \
        --security-opt no-new-privileges --security-opt seccomp=/home/tester/profile --init \
        --ulimit nofile=200:300 --sysctl net.ipv4.ip_forward=1 --device /dev/null:/dev/other bb \
        sh -c "$security; cat /proc/1/comm /proc/sys/net/ipv4/ip_forward; ulimit -n
            touch /x; mkdir /t/x; echo x >/dev/other; grep ' /t ' /proc/self/mountinfo | cut -d ' ' -f 5-6"
    see restricted "$OUT $ERR"
    ok pm run --rm bb sh -c "$security; cat /proc/self/attr/current"
    see default "$OUT"
    ok pm run --rm --privileged bb sh -c "$security; ls /dev | wc -l; mount -t tmpfs x /mnt || mount -t tmpfs x /tmp"
    see privileged "$OUT"
}

# volumes: named, of the user, read-only, :U; --mount of other kinds
case_volumes() {
    own_folder
    ok pm run --rm -v "$NAME:/data" -v /home/tester/dir:/m:U --user app bb sh -c \
        'cat /data/seed; touch /m/x; stat -c %u /m'
    equal "$OUT" $'seed\n1000'
    equal "$(stat -c %u /home/tester/dir/x)" 100999
    ok pm run --rm -v "$NAME:/data:ro" --mount type=tmpfs,dst=/t,tmpfs-mode=1700 \
        --mount type=image,src=bb,dst=/i --mount type=devpts,dst=/dev/p bb sh -c \
        'cat /i/data/seed; touch /data/x 2>/dev/null || echo refused; stat -c %a /t; ls /dev/p'
    see kinds "$OUT"
    ok pm volume rm "$NAME"
}

# --network slirp4netns, host, none; --ipc, --pid and --uts host
case_network() {
    ok pm run --rm --network slirp4netns bb sh -c 'ls /sys/class/net; ip -4 addr show tap0 | grep inet'
    says lo tap0 10.0.2.100/24
    ok pm run --rm --network host --ipc host --pid host --uts host bb \
        sh -c 'for n in ipc pid uts net; do readlink /proc/self/ns/$n; done'
    equal "$OUT" "$(for n in ipc pid uts net; do readlink "/proc/self/ns/$n"; done)"
    up --ipc shareable
    ok pm run --rm --ipc "container:$NAME" --pid "container:$NAME" --network "container:$NAME" bb \
        sh -c 'for n in ipc pid net; do readlink /proc/self/ns/$n; done; ls /sys/class/net'
    equal "$OUT" "$(for n in ipc pid net; do readlink "/proc/$PID/ns/$n"; done; echo lo)"
}

# --cgroups=disabled, no-conmon; --cgroupns=private and host
case_cgroups() {
    up --cgroups disabled
    inside true
    matches "$(group)" '^/user.slice/user-1000.slice/user@1000.service/.*\.scope$'
    ok pm run --rm --cgroups no-conmon bb cat /proc/self/cgroup
    see no-conmon "$OUT"
    ok pm run --rm bb sh -c 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/x || ls /sys/fs/cgroup/cgroup.procs'
    see private "$OUT $ERR"
    ok pm run --rm --cgroupns host bb cat /proc/self/cgroup
    matches "$OUT" 'user@1000\.service/user\.slice/libpod-[0-9a-f]*\.scope(/container)?$'
}

# a service of the user's systemd with --cgroups=split and --sdnotify=conmon
case_service() {
    ok "${MINE[@]}" systemd-run --user --unit "$NAME" --service-type notify -p NotifyAccess=all \
        -p Delegate=yes podman run --rm --name "$NAME" --cgroups split --sdnotify conmon --memory 64m \
        --pidfile "$SCRATCH/$NAME.pid" bb sh -c 'trap "exit 0" TERM; while :; do sleep 0.2; done'
    PID=$(cat "$SCRATCH/$NAME.pid")
    see group "$(group_kind)"
    see memory "$(limits memory)"
    inside cat /proc/self/cgroup
    see exec "$OUT"
    ok "${MINE[@]}" systemctl --user stop "$NAME"
    fails pm container exists "$NAME"
    see end "$("${MINE[@]}" systemctl --user show --value -p Result "$NAME")"
}

# --systemd=always: what a systemd in the container needs
case_systemd_inside() {
    ok pm run --rm --systemd always bb sh -c 'mkdir /sys/fs/cgroup/x && echo $$ >/sys/fs/cgroup/x/cgroup.procs
        cat /proc/self/cgroup; for d in /run /run/lock /tmp /sys/fs/cgroup /var/log/journal; do
        grep " $d " /proc/self/mountinfo | cut -d " " -f 5,6; done; echo $container'
    see inside "$(sort <<<"$OUT")"
}

# pods: shared namespaces, limits
case_pod() {
    ok pm pod create --name "$NAME" --share net,ipc,uts
    ok pm run -d --pod "$NAME" --name "$NAME-a" --pidfile "$SCRATCH/$NAME.pid" --memory 64m bb sleep 1000
    PID=$(cat "$SCRATCH/$NAME.pid")
    see group "$(group_kind)"
    see memory "$(limits memory)"
    ok pm run --rm --pod "$NAME" bb readlink /proc/self/ns/net
    equal "$OUT" "$(readlink "/proc/$PID/ns/net")"
    ok pm pod stop -t 0 "$NAME"
    ok pm pod start "$NAME"
    ok pm exec "$NAME-a" true
    ok pm pod rm -f -t 0 "$NAME"
}

# build with RUN, as root and as a user
case_build() {
    own_folder
    printf 'FROM localhost/bb\nRUN id -u >/who\nUSER app\nRUN id -u >/tmp/who\nCMD cat /who /tmp/who\n' \
        >/home/tester/dir/Dockerfile
    ok pm build --runtime "$RUNTIME" --isolation oci --network none -t "$NAME" /home/tester/dir
    ok pm run --rm "$NAME"
    equal "$OUT" $'0\n1000'
}

# status 125, 126 and 127
case_errors() {
    status 127 pm run --rm bb no-such
    status 126 pm run --rm bb /data
    status 125 pm run --rm --no-such-flag bb true
    capture pm run --rm --memory 1k bb true
    see memory "$STATUS"
    up
    status 127 pm exec "$NAME" no-such
    status 126 pm exec "$NAME" /data/plain
}

# --cgroup-manager cgroupfs, with and without cgroups of the user's own
case_cgroupfs() {
    ok pm --cgroup-manager cgroupfs run --rm bb cat /proc/self/cgroup
    see run "$OUT"
    ok "${MINE[@]}" systemd-run --user --scope --quiet -p Delegate=yes podman --cgroup-manager cgroupfs \
        run -d --name "$NAME" --memory 64m --pids-limit 20 --pidfile "$SCRATCH/$NAME.pid" bb sleep 1000
    PID=$(cat "$SCRATCH/$NAME.pid")
    contains "$(limits memory)" "memory.max 67108864"
    inside true
}
