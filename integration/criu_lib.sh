# What the tests with CRIU itself share: containers whose output goes through a pipe, as CRIU cannot
# save a file of the host.
# shellcheck shell=bash

# piped COMMAND...: its output goes through a pipe to $T/container.out.
piped() {
    { "$@" </dev/null || echo "status $?"; } 2>&1 | cat >"$T/container.out" &
    echo $! >>"$T/jobs"
}

create_piped() {
    configure
    piped rt create --bundle "$BUNDLE" "$@" "$ID"
    wait_state created
    ok rt start "$ID"
    wait_output ready
}

checkpoint() {
    ok rt checkpoint --image-path "$T/images" "$@" "$ID"
}

restore_piped() {
    piped rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$@" "$ID"
    wait_restored
}

# wait_restored: until the container runs, or the restore says why it does not.
wait_restored() {
    eventually is_restored
    ! grep -q "^status" "$T/container.out" || fail "restore: $(cat "$T/container.out")"
}

is_restored() {
    has_state running || grep -q "^status" "$T/container.out"
}

# refused TEXT FLAG...: a checkpoint fails with these words of CRIU, and the container runs on.
refused() {
    local text=$1
    shift
    fails rt checkpoint --image-path "$T/refused" "$@" "$ID"
    assert_contains "$ERR" "$text"
    assert_state running
    rm -rf "$T/refused"
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

# restore_fails TEXT FLAG...: a restore says why it cannot be, and leaves nothing.
restore_fails() {
    local text=$1
    shift
    fails rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$@" "$ID"
    assert_contains "$ERR" "$text"
    assert_clean
}

# listen SOCKET: what an engine does: it waits for the terminal and copies it to $T/container.out.
listen() {
    background "$PAYLOAD" console "$1" "$T/container.out"
    eventually grep -q listening "$JOB_OUT"
}

# create_with_terminal: a program that answers on a terminal, which goes to $T/container.out.
create_with_terminal() {
    answering '.process.terminal = true'
    listen "$T/socket"
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    wait_output ready
}
