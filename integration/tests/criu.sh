# checkpoint and restore with CRIU itself; checkpoint.sh needs none.
#
# needs peer-not=crun criu
#
# CRIU changes options of the hierarchy that all tests share, until the runtime sets them again.
# serial
# shellcheck shell=bash

# shellcheck source=integration/criu_lib.sh
source "$HERE/criu_lib.sh"

test_processes_go_on() {
    answering '.linux.maskedPaths = ["/proc/keys", "/proc/acpi"]'
    mkdir "$T/data"
    mount_entry /data bind "$T/data" rbind
    # Images have such links, and engines mount below them.
    mkdir -p "$ROOTFS/run" "$ROOTFS/var"
    ln -s /run "$ROOTFS/var/run"
    mount_entry /var/run/token bind "$T/data" rbind
    create_piped
    ok rt checkpoint --image-path "$T/images" "$ID"
    assert_clean
    rmdir "$ROOTFS/data"
    restore_piped --pid-file "$T/pid"
    assert_equal "$(cat "$T/pid")" "$(state .pid)"
    answers USR1
    answers USR2
    local place
    for place in /data /run/token; do
        grep -q " $place " "/proc/$(state .pid)/mountinfo" || fail "the mount on $place is missing"
    done
    # Once more, from the restored ones.
    rm -r "$T/images"
    ok rt checkpoint --image-path "$T/images" "$ID"
    restore_piped
    answers HUP
}

test_leave_running_and_pre_dump() {
    answering
    create_piped
    ok rt checkpoint --pre-dump --image-path "$T/older" "$ID"
    answers USR1
    ok rt pause "$ID"
    ok rt checkpoint --parent-path ../older --leave-running --image-path "$T/images" "$ID"
    assert_state paused
    ok rt resume "$ID"
    answers USR2
    ok rt delete --force "$ID"
    restore_piped
    answers USR2
}

test_failure() {
    # A file of the host as standard output cannot be saved.
    answering
    launch
    wait_output ready
    fails rt checkpoint --image-path "$T/images" "$ID"
    [ "$KIND" != apus ] || assert_contains "$ERR" "criu failed: type DUMP"
    [ "$KIND" != apus ] || assert_contains "$ERR" "Error (criu/"
    assert_contains "$ERR" dump.log
    assert_state running
    answers USR1
}

test_terminal() {
    create_with_terminal
    answers USR1
    ok rt checkpoint --image-path "$T/images" "$ID"
    listen "$T/socket2"
    ok rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach \
        --console-socket "$T/socket2" "$ID"
    answers USR2
}

# --- In the foreground ------------------------------------------------------------------------

# attended FLAG...: a restore in the foreground; JOB is the runtime, its output is in JOB_OUT.
attended() {
    background rt restore --bundle "$BUNDLE" --image-path "$T/images" "$@" "$ID"
    wait_state running
}

test_foreground() {
    bundle
    payload trap USR1 , trap USR2 , exit 7
    create_piped
    checkpoint
    attended
    kill -USR1 "$JOB"
    eventually grep -q got=USR1 "$JOB_OUT"
    kill -USR2 "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" 7 "status of restore"
    grep -q got=USR2 "$JOB_OUT"
    assert_clean
    attended --pid-file "$T/pid"
    assert_equal "$(cat "$T/pid")" "$(state .pid)"
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 137 "status of restore"
    assert_clean
}

test_foreground_terminal() {
    create_with_terminal
    checkpoint
    background "$PAYLOAD" pty 24x80 - "$RUNTIME" --root "$STATE" restore --bundle "$BUNDLE" \
        --image-path "$T/images" "$ID"
    wait_state running
    ok rt kill "$ID" USR1
    eventually grep -q got=USR1 "$JOB_OUT"
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 137 "status of restore"
    assert_clean
}

test_systemd_scope() {
    requires cgroup-v2
    command -v systemctl >/dev/null || skip "needs systemd"
    RUNTIME_FLAGS=--systemd-cgroup
    answering '.linux.resources.pids.limit = 50'
    create_piped
    checkpoint
    assert_clean
    restore_piped
    local cgroup
    cgroup=$(sed -n 's/^0:://p' "/proc/$(state .pid)/cgroup")
    assert_equal "$cgroup" "/system.slice/apus-$ID.scope"
    assert_file "/sys/fs/cgroup$cgroup/pids.max" 50
    assert_equal "$(systemctl is-active "apus-$ID.scope")" active
    assert_equal "$(systemctl show -P TasksMax "apus-$ID.scope")" 50
    answers USR1
    ok rt update --pids-limit 40 "$ID"
    assert_file "/sys/fs/cgroup$cgroup/pids.max" 40
    ok rt delete --force "$ID"
    ! systemctl is-active "apus-$ID.scope" || fail "the scope stays"
}

# --- Interrupted ------------------------------------------------------------------------------

# interrupted SIGNAL STATUS FILE ARGUMENT...: the runtime gets the signal when the file, or its own
# output, has contents.
interrupted() {
    local signal=$1 status=$2 file=$3
    shift 3
    # Job control, so that the shell does not ignore SIGINT for its children.
    set -m
    background rt "$@"
    set +m
    eventually test -s "${file:-$JOB_OUT}"
    kill -"$signal" "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" "$status" "status after SIG$signal: $(cat "$JOB_OUT")"
}

test_interrupted() {
    bundle
    payload connect , fill 64 1 , trap USR1 , exchange again , trap USR2 , filled 1 , trap HUP , pause
    create_piped
    interrupted INT 130 "$T/images/dump.log" checkpoint --tcp-established --image-path "$T/images" \
        "$ID"
    assert_state running
    # Neither is the network locked any more.
    answers USR1
    wait_output exchange=ok
    rm -r "$T/images"
    checkpoint --tcp-established
    interrupted TERM 143 "$T/images/restore.log" restore --bundle "$BUNDLE" --tcp-established \
        --image-path "$T/images" "$ID"
    assert_clean
    restore_piped --tcp-established
    answers USR2
    wait_output filled=yes
}

# What CRIU has begun to make is then found as children alone.
test_interrupted_without_a_cgroup() {
    bundle
    payload fill 64 1 , trap USR1 , filled 1 , pause
    configure
    piped rt --cgroup-manager disabled create --bundle "$BUNDLE" "$ID"
    wait_state created
    ok rt start "$ID"
    wait_output ready
    checkpoint
    interrupted TERM 143 "$T/images/restore.log" --cgroup-manager disabled restore \
        --bundle "$BUNDLE" --image-path "$T/images" "$ID"
    assert_clean
    piped rt --cgroup-manager disabled restore --bundle "$BUNDLE" --image-path "$T/images" \
        --detach "$ID"
    wait_restored
    answers USR1
    wait_output filled=yes
}

test_interrupted_while_pages_are_served() {
    answering
    create_piped
    ip link set lo up
    interrupted TERM 143 "" checkpoint --image-path "$T/images" --lazy-pages \
        --page-server 127.0.0.1:27277 --status-fd 1 "$ID"
    assert_state running
    answers USR1
}
