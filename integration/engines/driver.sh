# shellcheck shell=bash
# Docker, ctr and the CRI plugin below systemd, with its driver for cgroups: what differs from `docker`,
# `containerd` and `cri`, whose cases run on the host.
# machine: root
# title: Docker 20.10.24, ctr and CRI, with systemd's driver
PEER=runc
# shellcheck source=integration/engines/settings.sh
source "$HERE/settings.sh"
# shellcheck source=integration/engines/pods.sh
source "$HERE/pods.sh"
POD_PARENT=pods.slice
IMAGE=docker.io/library/bb:latest
export DOCKER_HOST=unix://$T/docker.sock DOCKER_CONFIG=$T/docker-client
DOCKER=/usr/bin/docker

engine_start() {
    mkdir -p "$T/docker-client"
    containerd_settings io.containerd.internal.v1.opt
    pods_settings true
    containerd_up cri Version
    pods_images
    ctrd images import "$IMAGES/bb.docker.tar"
    docker_up false
    docker import "$IMAGES/bb.tar" bb
}

engine_clean() {
    local name
    # shellcheck disable=SC2046
    [ -z "$(docker ps -aq)" ] || docker rm -f -v $(docker ps -aq)
    for name in $(ctrd tasks ls -q); do ctrd tasks rm -f "$name"; done
    for name in $(ctrd containers ls -q); do ctrd containers rm "$name"; done
    pods_clean
}

engine_stop() {
    docker_down
    containerd_down
}

# The units of containers that are still there, and their cgroups.
engine_left() {
    systemctl list-units --all --plain --no-legend 'docker-*' 'cri-containerd-*' 'test-*' | sed 's/^/unit /'
    find /sys/fs/cgroup -name 'docker-*.scope' -o -name 'cri-containerd-*.scope' -o -name 'test-*.scope' |
        sed 's/^/cgroup /'
    states_left /run
}

docker() { "$DOCKER" "$@"; }

ctrd() { ctr -a "$T/containerd.sock" -n "$TAG" "$@"; }

# docker_up LIVE: the daemon, which keeps containers when it ends if LIVE is true
docker_up() {
    cat >"$T/daemon.json" <<END
{
  "runtimes": {"$KIND": {"path": "$RUNTIME"}},
  "default-runtime": "$KIND",
  "exec-opts": ["native.cgroupdriver=systemd"],
  "live-restore": $1,
  "containerd": "$T/containerd.sock",
  "data-root": "$T/docker", "exec-root": "/run/docker", "pidfile": "$T/docker.pid",
  "hosts": ["unix://$T/docker.sock"],
  "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false, "ip-masq": false,
  "userland-proxy": false, "storage-driver": "overlay2"
}
END
    # runc is docker's own and cannot be set a second time.
    [ "$KIND" != runc ] || sed -i '/"runtimes"/d' "$T/daemon.json"
    dockerd --config-file "$T/daemon.json" >>"$T/dockerd.log" 2>&1 &
    ready "$T/dockerd.log" docker version
}

docker_down() { end_of "$T/docker.pid"; }

# up FLAG...: a container of docker that sleeps, named $NAME; PID is its process.
up() {
    ok docker run -d --name "$NAME" "$@" bb sleep 1000
    PID=$(docker inspect -f '{{.State.Pid}}' "$NAME")
}

# property NAME: of the container's scope
property() { systemctl show --value -p "$1" "$(basename "$(group)")"; }

# docker: a scope with limits that systemd knows of and keeps, and their update
case_docker_limits() {
    up --memory 64m --memory-swap 96m --cpus 0.5 --cpu-shares 512 --cpuset-cpus 1 --pids-limit 20
    matches "$(group)" '^/system.slice/docker-[0-9a-f]{64}.scope$'
    contains "$(limits memory)" $'memory.max 67108864\nmemory.swap.max 33554432'
    equal "$(group_file cpu.max) $(group_file cpuset.cpus) $(group_file pids.max)" "50000 100000 1 20"
    ok docker update --memory 48m --memory-swap 48m --cpus 0.25 --pids-limit 30 "$NAME"
    systemctl daemon-reload
    contains "$(limits memory)" $'memory.max 50331648\nmemory.swap.max 0'
    equal "$(group_file cpu.max) $(group_file cpuset.cpus) $(group_file pids.max)" "25000 100000 1 30"
    equal "$(property MemoryMax) $(property TasksMax)" "50331648 30"
    ok docker exec "$NAME" cat /sys/fs/cgroup/memory.max
    equal "$OUT" 50331648
    ok docker stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' "$NAME"
    matches "$OUT" '48MiB 1$'
    ok docker top "$NAME"
    says 'sleep 1000'
}

# docker: pause, kill, restart, stop; the scope goes with the container
case_docker_control() {
    up
    local unit
    unit=$(basename "$(group)")
    ok docker pause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 1"
    ok docker unpause "$NAME"
    ok docker restart -t 0 "$NAME"
    PID=$(docker inspect -f '{{.State.Pid}}' "$NAME")
    ok systemctl is-active "$unit"
    ok docker kill "$NAME"
    ok docker wait "$NAME"
    equal "$OUT" 137
    eventually gone "$unit"
}

gone() { ! systemctl is-active "$1"; }

# docker: out of memory, and docker says so
case_docker_oom() {
    status 137 docker run --name "$NAME" --memory 16m --memory-swap 16m bb tail /dev/zero
    ok docker inspect -f '{{.State.OOMKilled}}' "$NAME"
    equal "$OUT" true
}

# docker: --cgroup-parent, --cgroupns, a terminal, statuses
case_docker_run() {
    up --cgroup-parent own.slice
    matches "$(group)" '^/own.slice/docker-[0-9a-f]{64}.scope$'
    ok docker run --rm --cgroupns private bb cat /proc/self/cgroup
    equal "$OUT" 0::/
    ok docker run --rm --cgroupns host bb cat /proc/self/cgroup
    matches "$OUT" '^0::/system.slice/docker-[0-9a-f]{64}.scope$'
    tty 'tty\nexit 5\n' docker run -it --rm bb sh
    says /dev/pts/0
    equal "$STATUS" 5
    status 127 docker run --rm bb no-such
    status 126 docker run --rm bb /data
}

# docker: rules of devices, by a BPF program that systemd does not undo
case_docker_devices() {
    local try='mknod /dev/x c 10 237 && : </dev/x'
    ok docker run --rm --device-cgroup-rule 'c 10:237 rmw' bb sh -c "$try"
    fails docker run --rm bb sh -c "$try"
    up
    systemctl daemon-reload
    fails docker exec "$NAME" sh -c "$try"
    see refused "${ERR##*: }"
}

# docker: run --privileged, --cap-add ALL, exec --privileged: all that Docker names, and the devices of the host
case_docker_privileged() {
    # Docker 20.10 names 38 of them.
    local all=0000003fffffffff
    ok docker run --rm --privileged bb sh -c 'grep CapEff /proc/self/status; mount -t tmpfs x /tmp && echo mounted
        head -c 512 /dev/nvme0n1 | wc -c; echo 1 >/proc/sys/net/ipv4/ip_forward && echo wrote'
    says "$all" mounted 512 wrote
    ok docker run --rm --cap-add ALL bb grep CapEff /proc/self/status
    says "$all"
    up
    fails docker exec "$NAME" ip link set lo down
    ok docker exec --privileged "$NAME" sh -c 'grep Cap /proc/self/status; ip link set lo down && echo down'
    says "CapEff:	$all" down
    see exec "$OUT"
}

# docker: live-restore: the container survives a restart of the daemon
case_docker_live_restore() {
    docker_down
    docker_up true
    up
    docker_down
    kill -0 "$PID" || fail "the container has ended"
    docker_up true
    ok docker exec "$NAME" echo alive
    equal "$OUT" alive
    ok docker rm -f "$NAME"
    docker_down
    docker_up false
}

# ctr: --runc-systemd-cgroup: a scope with limits; exec, pause, kill
case_ctr() {
    ok ctrd run -d --runc-binary "$RUNTIME" --runc-systemd-cgroup --cgroup "system.slice:test:$NAME" \
        --memory-limit 67108864 --cpus 0.5 "$IMAGE" "$NAME" sleep 1000
    PID=$(ctrd tasks ls | awk -v name="$NAME" '$1 == name { print $2 }')
    equal "$(group)" "/system.slice/test-$NAME.scope"
    see memory "$(limits memory)"
    see cpu "$(cpu_limits)"
    ok ctrd tasks exec --exec-id e1 "$NAME" cat /proc/self/cgroup
    see exec "$OUT"
    ok ctrd tasks pause "$NAME"
    contains "$(group_file cgroup.events)" "frozen 1"
    ok ctrd tasks resume "$NAME"
    ok ctrd tasks kill -s KILL "$NAME"
    eventually gone "test-$NAME.scope"
}

# CRI: a pod's slice, limits and their update, exec, stats, statuses
case_cri() {
    pod
    container main '.linux.resources = {cpu_quota: 50000, cpu_period: 100000, cpu_shares: 512,
        memory_limit_in_bytes: 67108864}' sleep 1000
    matches "$(group)" '^/pods.slice/cri-containerd-[0-9a-f]{64}.scope$'
    see memory "$(limits memory)"
    see cpu "$(cpu_limits)"
    ok cri UpdateContainerResources "{\"container_id\": \"$ID\", \"linux\":
        {\"cpu_quota\": 25000, \"cpu_period\": 100000, \"memory_limit_in_bytes\": 50331648}}"
    see memory-after "$(limits memory)"
    see cpu-after "$(cpu_limits)"
    equal "$(property MemoryMax)" 50331648
    inside sh -c 'cat /proc/self/cgroup; exit 9'
    see exec "$TEXT $CODE"
    ok cri ContainerStats "{\"container_id\": \"$ID\"}"
    [ "$(jq -r .stats.memory.working_set_bytes.value <<<"$OUT")" -gt 10000 ] || fail "no memory used"
    ok cri StopContainer "{\"container_id\": \"$ID\", \"timeout\": 1}"
    status_of
    equal "$(jq -r .status.exit_code <<<"$OUT")" 137
}

# CRI: out of memory has its reason
case_cri_oom() {
    local n reason
    pod
    # containerd may hear of the end before it hears why.
    for n in 1 2 3 4 5; do
        container "main$n" '.linux.resources = {memory_limit_in_bytes: 16777216}' tail /dev/zero
        eventually exited
        reason=$(jq -r '.status.reason, .status.exit_code' <<<"$OUT" | tr '\n' ' ')
        [ "$reason" != "OOMKilled 137 " ] || return 0
    done
    fail "$reason"
}
