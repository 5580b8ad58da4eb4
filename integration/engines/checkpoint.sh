# shellcheck shell=bash
# Checkpoint and restore with CRIU through Podman and containerd, as root in the test machine. The peer
# is runc: Debian's crun has no checkpoint.
# machine: root
# title: Podman 4.3.1 and containerd 1.6.20 with CRIU 3.17.1
PEER=runc
PODMAN=(podman)
SCRATCH=$T
# shellcheck source=integration/engines/settings.sh
source "$HERE/settings.sh"

engine_start() {
    settings /etc/containers
    image
    containerd_settings io.containerd.grpc.v1.cri io.containerd.internal.v1.opt
    containerd_up ctrd version
    ctrd images import "$IMAGES/bb.docker.tar"
}

# The image bb with flock(1), which busybox does not have.
image() {
    local file
    mkdir "$T/root"
    tar -C "$T/root" -xf "$IMAGES/bb.tar"
    cp /usr/bin/flock "$T/root/bin/"
    for file in $(ldd /usr/bin/flock | grep -o '/[^ ]*'); do
        install -D "$file" "$T/root$file"
    done
    tar -C "$T/root" -cf "$T/root.tar" .
    podman import "$T/root.tar" bb
}

engine_clean() {
    local name
    [ -z "$(podman ps -aq)" ] || podman rm -af -t 0
    for name in $(ctrd tasks ls -q); do ctrd tasks rm -f "$name"; done
    for name in $(ctrd containers ls -q); do ctrd containers rm "$name"; done
}

engine_stop() {
    podman rmi -af
    containerd_down
}

engine_left() {
    root_left
}

ctrd() { ctr -a "$T/containerd.sock" -n "$TAG" "$@"; }

# Counts in a file, so that it shows whether it goes on or begins anew.
COUNTER='i=0; while :; do i=$((i+1)); echo $i >/c; mv /c /count; sleep 0.2; done'

# The same through a connection of its own.
CONNECTED='nc -l -p 77 -e cat & sleep 1; i=0; while :; do i=$((i+1)); echo $i; sleep 0.2; done |
    nc 127.0.0.1 77 | while read i; do echo $i >/c; mv /c /count; done'

# counter FLAG...: a container of podman's that counts, and has counted a little
counter() {
    ok pm run -d --name "$NAME" "$@" bb sh -c "$COUNTER"
    eventually counted_beyond 5
}

count() { pm exec "$NAME" cat /count; }

counted_beyond() { [ "$(count)" -gt "$1" ]; }

# goes_on: it counts, and from where it was
goes_on() {
    local before
    before=$(count)
    [ "$before" -ge 5 ] || fail "at $before it has begun anew"
    eventually counted_beyond "$before"
}

# podman: checkpoint and restore
case_podman() {
    counter --memory 64m
    ok pm container checkpoint "$NAME"
    ok pm inspect -f '{{.State.Status}} {{.State.Checkpointed}}' "$NAME"
    see state "$OUT"
    ok pm container restore "$NAME"
    goes_on
    PID=$(pm inspect -f '{{.State.Pid}}' "$NAME")
    see memory "$(limits memory)"
    matches "$(group)" '^/machine\.slice/libpod-[0-9a-f]*\.scope(/container)?$'
    ok pm stop -t 0 "$NAME"
}

# podman: --leave-running
case_podman_leave_running() {
    counter
    ok pm container checkpoint --leave-running "$NAME"
    goes_on
    ok pm kill "$NAME"
    ok pm wait "$NAME"
    ok pm container restore --keep "$NAME"
    goes_on
}

# podman: --export, and --import as the same and as another container
case_podman_export() {
    counter
    ok pm container checkpoint --export "$C/checkpoint.tar.gz" --print-stats "$NAME"
    contains "$OUT" podman_checkpoint_duration
    ok pm rm "$NAME"
    ok pm container restore --import "$C/checkpoint.tar.gz"
    goes_on
    ok pm container restore --import "$C/checkpoint.tar.gz" --name "$NAME-2"
    NAME=$NAME-2
    goes_on
}

# podman: --pre-checkpoint, and a checkpoint with it
case_podman_pre_checkpoint() {
    counter
    ok pm container checkpoint --pre-checkpoint --export "$C/pre.tar.gz" "$NAME"
    goes_on
    ok pm container checkpoint --with-previous --export "$C/checkpoint.tar.gz" "$NAME"
    ok pm rm -f -t 0 "$NAME"
    ok pm container restore --import-previous "$C/pre.tar.gz" --import "$C/checkpoint.tar.gz"
    goes_on
}

# podman: --file-locks, --tcp-established, volumes, a terminal
case_podman_options() {
    ok pm run -d -t --name "$NAME" -v "$NAME:/v" --tmpfs /t bb sh -c \
        "exec 9>/v/lock; flock 9; echo kept >/t/kept; $CONNECTED"
    eventually counted_beyond 5
    ok pm container checkpoint --file-locks --tcp-established "$NAME"
    ok pm container restore --file-locks --tcp-established "$NAME"
    goes_on
    ok pm exec "$NAME" cat /t/kept
    equal "$OUT" kept
    status 1 pm exec "$NAME" flock -n /v/lock true
    ok pm rm -f -v -t 0 "$NAME"
}

# podman: what cannot be checkpointed goes on
case_podman_failure() {
    # A lock without --file-locks is what CRIU refuses.
    ok pm run -d --name "$NAME" bb sh -c "exec 9>/lock; flock 9; $COUNTER"
    eventually counted_beyond 5
    fails pm container checkpoint "$NAME"
    see status "$STATUS"
    goes_on
    ok pm stop -t 0 "$NAME"
}

# ctr_counter: a task that counts
ctr_counter() {
    ok ctrd run -d --runc-binary "$RUNTIME" docker.io/library/bb:latest "$NAME" sh -c "$COUNTER"
    eventually ctr_counted_beyond 5
}

ctr_count() {
    EXECS=$((${EXECS:-0} + 1))
    ctrd tasks exec --exec-id "e$EXECS-$RANDOM" "$NAME" cat /count
}

ctr_counted_beyond() { [ "$(ctr_count)" -gt "$1" ]; }

# ctr: tasks checkpoint with a folder of images, and the task goes on
case_ctr_checkpoint() {
    ctr_counter
    ok ctrd tasks checkpoint --image-path "$C/images" --work-path "$C/work" "$NAME"
    [ -n "$(find "$C/images" -name 'core-*.img')" ] || fail "no image of a process"
    local before
    before=$(ctr_count)
    eventually ctr_counted_beyond "$before"
}

# ctr: tasks checkpoint --exit ends the task
case_ctr_exit() {
    ctr_counter
    ok ctrd tasks checkpoint --exit --image-path "$C/images" "$NAME"
    eventually ctr_stopped
}

ctr_stopped() { [ "$(ctrd tasks ls | awk -v name="$NAME" '$1 == name { print $3 }')" != RUNNING ]; }

# ctr: containers checkpoint and restore with the writable layer and the task
case_ctr_restore() {
    ctr_counter
    ok ctrd containers checkpoint --rw --task --image "$NAME" "checkpoint/$NAME"
    ok ctrd tasks rm -f "$NAME"
    ok ctrd containers rm "$NAME"
    ok ctrd containers restore --rw --live "$NAME-2" "checkpoint/$NAME"
    NAME=$NAME-2
    local before
    before=$(ctr_count)
    [ "$before" -ge 5 ] || fail "at $before it has begun anew"
    eventually ctr_counted_beyond "$before"
    ok ctrd tasks rm -f "$NAME"
}
