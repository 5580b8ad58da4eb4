# shellcheck shell=bash
# Podman in the test machine: what `systemd`, `rootless` and `checkpoint` share.

# settings FOLDER: what docs/engines.md tells a user to write, in containers.conf there. No test needs
# the default network, which has packages of its own.
settings() {
    mkdir -p "$1"
    cat >"$1/containers.conf" <<END
[containers]
netns = "none"
[engine]
runtime = "$KIND"
runtime_supports_json = ["apus", "crun", "runc"]
runtime_supports_nocgroup = ["apus", "crun"]
cgroup_manager = "systemd"
events_logger = "file"
helper_binaries_dir = ["/usr/libexec/podman", "/usr/bin"]
[engine.runtimes]
$KIND = ["$RUNTIME"]
END
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
