# checkpoint and restore with CRIU itself; checkpoint.sh needs none.
#
# needs peer-not=crun criu
#
# CRIU changes options of the hierarchy that all tests share, until the runtime sets them again.
# serial
# shellcheck shell=bash

# piped COMMAND...: its output goes through a pipe to $T/container.out; a file of the host could not
# be saved.
piped() {
    { "$@" </dev/null || echo "status $?"; } 2>&1 | cat >"$T/container.out" &
    echo $! >>"$T/jobs"
}

create_piped() {
    configure
    piped rt create --bundle "$BUNDLE" "$ID"
    wait_state created
    ok rt start "$ID"
    wait_output ready
}

restore_piped() {
    piped rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$@" "$ID"
    wait_state running
}

# answers SIGNAL: the program takes it and says so on its standard output.
answers() {
    ok rt kill "$ID" "$1"
    eventually grep -q "got=$1" "$T/container.out"
}

# A program that answers three times.
answering() {
    bundle "$@"
    payload trap USR1 , trap USR2 , trap HUP , pause
}

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
    answering '.process.terminal = true'
    background "$PAYLOAD" console "$T/socket" "$T/container.out"
    eventually grep -q listening "$JOB_OUT"
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    wait_output ready
    answers USR1
    ok rt checkpoint --image-path "$T/images" "$ID"
    background "$PAYLOAD" console "$T/socket2" "$T/container.out"
    eventually grep -q listening "$JOB_OUT"
    ok rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach \
        --console-socket "$T/socket2" "$ID"
    answers USR2
}
