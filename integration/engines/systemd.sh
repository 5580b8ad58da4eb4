# shellcheck shell=bash
# Podman as root below systemd, with cgroups of version 2 alone: what differs from `podman`, whose cases run
# on the host.
# machine: root
# title: Podman 4.3.1 below systemd
PEER=crun
PODMAN=(podman)
SCRATCH=$T
# shellcheck source=integration/engines/settings.sh
source "$HERE/settings.sh"

engine_start() {
    settings /etc/containers
    # Whose ids `--userns auto` hands out.
    if ! grep -q ^containers: /etc/subuid; then
        echo containers:2147483647:2147483648 | tee -a /etc/subuid >>/etc/subgid
    fi
    podman import "$IMAGES/bb.tar" bb
}

engine_clean() {
    [ -z "$(podman ps -aq)" ] || podman rm -af -t 0
}

engine_stop() {
    podman rmi -af
}

engine_left() {
    root_left
}

# property NAME: of the container's scope
property() { systemctl show --value -p "$1" "$(basename "$(group)")"; }

# run: output and status of the command; a terminal
case_run() {
    status 7 pm run --rm bb sh -c 'echo hello; exit 7'
    equal "$OUT" hello
    tty 'tty\nexit 5\n' podman run -it --rm bb sh
    says /dev/pts/0
    equal "$STATUS" 5
}

# exec: output, status, user, standard input, a terminal; logs, inspect
case_exec() {
    ok pm run -d --name "$NAME" --env BASE=1 bb sh -c 'echo line; exec sleep 1000'
    status 9 pm exec -e MORE=2 -w /tmp -u app "$NAME" sh -c 'echo $BASE $MORE $(pwd) $(id -u); exit 9'
    equal "$OUT" "1 2 /tmp 1000"
    ok bash -c "echo in | podman exec -i $NAME sh -c 'cat; cat /proc/self/cgroup'"
    see exec "$OUT"
    tty 'tty\nexit 6\n' podman exec -it "$NAME" sh
    says /dev/pts/
    equal "$STATUS" 6
    ok pm logs "$NAME"
    equal "$OUT" line
    ok pm inspect -f '{{.OCIRuntime}} {{.State.Status}} {{.State.CgroupPath}}' "$NAME"
    matches "$OUT" "^$KIND running /machine.slice/libpod-[0-9a-f]*.scope$"
}

# --memory, --cpus, --cpuset-cpus, --pids-limit: a scope of systemd and files of cgroup version 2
case_limits() {
    up --memory 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpu-shares 512 \
        --cpuset-cpus 1 --pids-limit 20 --blkio-weight 200 --device-read-bps /dev/nvme0n1:1mb \
        --oom-score-adj 100
    matches "$(group)" '^/machine\.slice/libpod-[0-9a-f]*\.scope(/container)?$'
    see memory "$(limits memory)"
    see cpu "$(cpu_limits)"
    see rest "$(group_file cpuset.cpus) $(group_file pids.max) $(group_file io.max)"
    equal "$(cat "/proc/$PID/oom_score_adj")" 100
    ok pm update --memory 48m --memory-swap 48m --cpus 0.25 --cpuset-cpus 0 "$NAME"
    see memory-after "$(limits memory)"
    see cpu-after "$(cpu_limits)"
    see rest-after "$(group_file cpuset.cpus) $(group_file pids.max) $(group_file io.max)"
}

# limits and update: systemd knows of them, and does not undo them when it reads its units again
case_reload() {
    up --memory 64m --memory-swap 64m --cpus 0.5 --pids-limit 20
    equal "$(property MemoryMax) $(property TasksMax) $(property CPUQuotaPerSecUSec)" "67108864 20 500ms"
    ok pm update --memory 48m "$NAME"
    equal "$(property MemoryMax)" 50331648
    systemctl daemon-reload
    equal "$(group_file cpu.max) $(group_file pids.max)" "50000 100000 20"
    inside cat /sys/fs/cgroup/memory.max
    equal "$OUT" 50331648
}

# pause and unpause, top, stats, stop
case_control() {
    up --memory 64m
    ok pm pause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 1"
    fails pm exec "$NAME" true
    ok pm unpause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 0"
    ok pm top "$NAME" pid hpid args
    says 'sleep 1000' "$PID"
    ok pm stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' "$NAME"
    matches "$OUT" "$NAME 1 .*67.11MB"
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

# health checks by a timer of systemd
case_health() {
    is_checked
}

# --device and rules of devices, by a BPF program
case_devices() {
    local try='mknod /dev/x c 10 237 && : </dev/x'
    ok pm run --rm --device-cgroup-rule 'c 10:237 rmw' --cap-add MKNOD bb sh -c "$try"
    fails pm run --rm --cap-add MKNOD bb sh -c "$try"
    see refused "${ERR##*: }"
    fails pm run --rm --device /dev/full:/dev/f:r bb sh -c 'cat /dev/f | head -c 1 | wc -c; echo x >/dev/f'
    see read-only "$OUT ${ERR##*: }"
    ok pm run --rm --privileged bb sh -c "$try; ls /dev | wc -l"
    see privileged "$OUT"
}

# seccomp, AppArmor, capabilities, no-new-privileges, read-only, tmpfs, ulimit, sysctl, init
case_security() {
    echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
        {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO"}]}' >"$C/profile"
    ok pm run --rm --read-only --tmpfs /t:size=1m --cap-drop ALL --cap-add NET_BIND_SERVICE \
        --security-opt no-new-privileges --security-opt "seccomp=$C/profile" --init \
        --ulimit nofile=200:300 --sysctl net.ipv4.ip_forward=1 bb sh -c "$security
            cat /proc/self/attr/current /proc/1/comm /proc/sys/net/ipv4/ip_forward; ulimit -n
            touch /x; mkdir /t/x; grep ' /t ' /proc/self/mountinfo | cut -d ' ' -f 5-6"
    see restricted "$OUT $ERR"
    ok pm run --rm bb sh -c "$security; cat /proc/self/attr/current"
    see default "$OUT"
    ok pm run --rm --privileged bb sh -c "$security; cat /proc/self/attr/current"
    see privileged "$OUT"
}

# run --privileged, exec --privileged: every capability, and the devices of the host
case_privileged() {
    local all
    all=$(awk '/CapEff/ { print $2 }' /proc/self/status)
    ok pm run --rm --privileged bb sh -c 'grep CapEff /proc/self/status; mount -t tmpfs x /tmp && echo mounted
        head -c 512 /dev/nvme0n1 | wc -c; ls /dev | wc -l; echo 1 >/proc/sys/net/ipv4/ip_forward && echo wrote'
    says "$all" mounted 512 wrote
    see run "$OUT"
    up
    fails pm exec "$NAME" ip link set lo down
    ok pm exec --privileged "$NAME" sh -c 'grep Cap /proc/self/status; ip link set lo down && echo down'
    says "CapEff:	$all" down
    see exec "$OUT"
}

# --userns=auto, --uidmap, with limits, a volume, exec and a terminal
case_userns() {
    mkdir -p "$C/dir"
    ok pm run --rm --userns auto:size=2000 bb awk '{ print $3 }' /proc/self/uid_map
    equal "$OUT" 2000
    up --uidmap 0:100000:5000 --gidmap 0:200000:5000 --memory 64m --read-only --tmpfs /t \
        -v "$C/dir:/m:U"
    inside sh -c 'cat /proc/self/uid_map /proc/self/gid_map; touch /t/x /m/x && stat -c %u:%g /t/x /m/x
        cat /sys/fs/cgroup/memory.max; mkdir /sys/fs/cgroup/x || true'
    see inside "$(tr -s ' ' <<<"$OUT") $ERR"
    tty 'tty\nexit 3\n' podman exec -it "$NAME" sh
    says /dev/pts/
    equal "$STATUS" 3
    equal "$(stat -c %u:%g "$C/dir/x")" 100000:200000
}

# -v with idmap: ids of the file system through a mapped mount
case_idmap() {
    mkdir -p "$C/dir"
    touch "$C/dir/file"
    ok pm run --rm --userns auto -v "$C/dir:/m:idmap" bb sh -c \
        'stat -c %u /m/file; touch /m/new && stat -c %u /m/new'
    equal "$OUT" $'0\n0'
    equal "$(stat -c %u "$C/dir/new")" 0
}

# --cgroups=disabled, no-conmon; --cgroupns=private and host
case_cgroups() {
    up --cgroups disabled
    equal "$(group)" "$(sed -n 's/^0:://p' /proc/self/cgroup)"
    inside true
    ok pm run --rm --cgroups no-conmon bb cat /proc/self/cgroup
    see no-conmon "$OUT"
    ok pm run --rm bb sh -c 'cat /proc/self/cgroup; mkdir /sys/fs/cgroup/x || ls /sys/fs/cgroup/cgroup.procs'
    see private "$OUT $ERR"
    ok pm run --rm --cgroupns host bb cat /proc/self/cgroup
    matches "$OUT" '^0::/machine\.slice/libpod-[0-9a-f]*\.scope(/container)?$'
}

# a service of systemd with --cgroups=split and --sdnotify=conmon
case_service() {
    ok systemd-run --unit "$NAME" --service-type notify -p NotifyAccess=all -p Delegate=yes \
        podman run --rm --name "$NAME" --cgroups split --sdnotify conmon --memory 64m \
        --pidfile "$SCRATCH/$NAME.pid" bb sh -c 'trap "exit 0" TERM; while :; do sleep 0.2; done'
    ok systemctl is-active "$NAME"
    PID=$(cat "$SCRATCH/$NAME.pid")
    see group "$(group_kind)"
    see memory "$(limits memory)"
    ok pm exec "$NAME" cat /proc/self/cgroup
    see exec "$OUT"
    ok systemctl stop "$NAME"
    fails pm container exists "$NAME"
    see end "$(systemctl show --value -p Result "$NAME")"
}

# --systemd=always: what a systemd in the container needs
case_systemd_inside() {
    ok pm run --rm --systemd always bb sh -c 'mkdir /sys/fs/cgroup/x && echo $$ >/sys/fs/cgroup/x/cgroup.procs
        cat /proc/self/cgroup; for d in /run /run/lock /tmp /sys/fs/cgroup /var/log/journal; do
        grep " $d " /proc/self/mountinfo | cut -d " " -f 5,6; done; echo $container'
    see inside "$(sort <<<"$OUT")"
    ok pm run --rm --systemd always --uidmap 0:100000:5000 bb \
        sh -c 'mkdir /sys/fs/cgroup/x && echo 0 >/sys/fs/cgroup/x/cgroup.procs; cat /proc/self/cgroup
            stat -c %u /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/cgroup.subtree_control /sys/fs/cgroup'
    see mapped "$OUT"
}

# pods: shared namespaces, a slice of their own, limits
case_pod() {
    ok pm pod create --name "$NAME" --share net,ipc,uts
    ok pm run -d --pod "$NAME" --name "$NAME-a" --pidfile "$C/pid" --memory 64m bb sleep 1000
    PID=$(cat "$C/pid")
    see group "$(group_kind)"
    ok pm run --rm --pod "$NAME" bb readlink /proc/self/ns/net
    equal "$OUT" "$(readlink "/proc/$PID/ns/net")"
    ok pm pod pause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 1"
    ok pm pod unpause "$NAME"
    ok pm pod stop -t 0 "$NAME"
    ok pm pod start "$NAME"
    ok pm exec "$NAME-a" true
    ok pm pod rm -f -t 0 "$NAME"
}

# build with RUN, as root and as a user
case_build() {
    mkdir -p "$C/context"
    printf 'FROM localhost/bb\nRUN id -u >/who\nUSER app\nRUN id -u >/tmp/who\nCMD cat /who /tmp/who\n' \
        >"$C/context/Dockerfile"
    ok pm build --runtime "$RUNTIME" --isolation oci --network none -t "$NAME" "$C/context"
    ok pm run --rm "$NAME"
    equal "$OUT" $'0\n1000'
}

# --cgroup-manager cgroupfs: limits, update, pause, exec
case_cgroupfs() {
    local PODMAN=(podman --cgroup-manager cgroupfs)
    up --memory 64m --memory-swap 64m --pids-limit 20 --cpus 0.5
    see group "$(group_kind)"
    see memory "$(limits memory)"
    see cpu "$(limits cpu)"
    ok pm update --memory 48m --memory-swap 48m "$NAME"
    see updated "$(limits memory)"
    ok pm pause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 1"
    ok pm unpause "$NAME"
    inside cat /proc/self/cgroup /sys/fs/cgroup/pids.max
    see inside "$OUT"
    ok pm rm -f -t 0 "$NAME"
}
