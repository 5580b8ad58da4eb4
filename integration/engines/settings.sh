# shellcheck shell=bash
# Podman in the test machine: what `systemd`, `rootless` and `checkpoint` share.

# settings FOLDER: containers.conf there
settings() {
    mkdir -p "$1"
    containers_conf systemd >"$1/containers.conf"
}

# pm COMMAND...: podman, of root or of an ordinary user (PODMAN is the file's own)
pm() { "${PODMAN[@]}" "$@"; }

# up FLAG...: a container that sleeps, named $NAME; PID is its process.
up() {
    ok pm run -d --name "$NAME" --pidfile "$SCRATCH/$NAME.pid" "$@" bb sleep 1000
    PID=$(cat "$SCRATCH/$NAME.pid")
}

# inside COMMAND...: in it
inside() { ok pm exec "$NAME" "$@"; }

group() { sed -n 's/^0:://p' "/proc/$PID/cgroup"; }

# Without the names that differ each time, and without the group that crun has below the scope.
group_kind() { group | sed 's/[0-9a-f]\{64\}/ID/g; s|\.scope/container$|.scope|'; }

# group_file NAME: of the container's cgroup
group_file() { cat "/sys/fs/cgroup$(group)/$1"; }

# Only that there is a weight: how shares become one differs between versions of the specification.
cpu_limits() { limits cpu | sed 's/weight [0-5].*/weight less than usual/'; }

logs_have() { pm logs "$NAME" 2>&1 | grep -q "$1"; }

# A script's line that shows the rights of its process.
security='grep -E "Cap|NoNewPrivs|Seccomp:" /proc/self/status'

# scopes_left MANAGER...: the units of containers that are still there
scopes_left() {
    local n
    for n in $(seq 50); do
        [ -n "$("$@" list-units --all --plain --no-legend 'libpod*' 'machine-libpod*')" ] || return 0
        sleep 0.2
    done
    "$@" list-units --all --plain --no-legend 'libpod*' 'machine-libpod*' | sed 's/^/unit /'
}

# groups_left FIND_ARGUMENT...: cgroups of containers that are still there
groups_left() {
    find /sys/fs/cgroup "$@" -name 'libpod-[0-9a-f]*' -print | sed 's/^/cgroup /'
}

# What root's containers have left; the other lane has those of the ordinary user meanwhile.
root_left() {
    scopes_left systemctl
    groups_left -path /sys/fs/cgroup/user.slice -prune -o
    states_left /run
}

# The bodies of cases that root and an ordinary user have alike.

handles_signals() {
    ok pm run -d --name "$NAME" bb sh -c \
        'trap "echo hup" HUP; trap "exit 12" TERM; echo ready; while :; do sleep 0.2; done'
    eventually logs_have ready
    ok pm kill --signal HUP "$NAME"
    eventually logs_have hup
    ok pm stop -t 60 "$NAME"
    ok pm inspect -f '{{.State.ExitCode}}' "$NAME"
    equal "$OUT" 12
    ok pm start "$NAME"
    ok pm exec "$NAME" true
    ok pm kill "$NAME"
    ok pm wait "$NAME"
    equal "$OUT" 137
}

runs_out_of_memory() {
    status 137 pm run --name "$NAME" --memory 16m --memory-swap 16m bb tail /dev/zero
    ok pm inspect -f '{{.State.OOMKilled}}' "$NAME"
    see oom "$OUT"
}

is_checked() {
    up --health-cmd 'test -e /tmp/well' --health-interval 3s --health-retries 1
    eventually health_is unhealthy
    inside touch /tmp/well
    eventually health_is healthy
}

health_is() { [ "$(pm inspect -f '{{.State.Health.Status}}' "$NAME")" = "$1" ]; }
