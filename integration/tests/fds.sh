# Which descriptors reach the container: 0, 1 and 2, and those that were asked for. A descriptor too
# many may be a way out (CVE-2024-21626).
# shellcheck shell=bash

test_only_the_standard_three() {
    bundle
    payload fds
    run_ok
    assert_equal "$(cut -d ' ' -f 1 <<<"$OUT" | tr '\n' ' ')" "fd=0 fd=1 fd=2 " descriptors
}

test_only_the_standard_three_after_create() {
    bundle
    payload fds
    launch
    wait_output fd=2
    assert_equal "$(cut -d ' ' -f 1 "$T/container.out" | tr '\n' ' ')" "fd=0 fd=1 fd=2 " descriptors
}

test_descriptors_of_the_caller_stay_out() {
    bundle
    payload fds
    configure
    exec 5</etc 7<"$BUNDLE/config.json" 30</
    capture rt run --bundle "$BUNDLE" "$ID"
    exec 5<&- 7<&- 30<&-
    assert_equal "$(cut -d ' ' -f 1 <<<"$OUT" | tr '\n' ' ')" "fd=0 fd=1 fd=2 " descriptors
}

test_preserve_fds() {
    bundle
    payload fds , readfd 3 , readfd 4
    echo three >"$T/three"
    echo four >"$T/four"
    configure
    exec 3<"$T/three" 4<"$T/four" 5</etc
    capture rt run --preserve-fds 2 --bundle "$BUNDLE" "$ID"
    exec 3<&- 4<&- 5<&-
    assert_equal "$STATUS" 0 "status: $ERR"
    assert_line "fd=3 type=file" "fd=4 type=file" three four
    refute_contains "$OUT" "fd=5"
}

test_preserve_fds_that_are_not_open() {
    strict crun,runc "what is not open is left out"
    bundle
    payload fds
    create_fails --preserve-fds 3
}

test_preserve_fds_numbers() {
    strict crun,runc "a negative number is none at all"
    bundle
    configure
    local number
    for number in -1 x 1x 4294967296; do
        fails rt create --preserve-fds="$number" --bundle "$BUNDLE" "$ID"
    done
    assert_clean
}

test_listen_fds() {
    differs crun "1.8 tells LISTEN_PID only"
    bundle
    payload fds , env , readfd 3
    echo socket >"$T/three"
    configure
    exec 3<"$T/three" 4</etc
    capture activated 1 run --bundle "$BUNDLE" "$ID"
    exec 3<&- 4<&-
    assert_equal "$STATUS" 0 "status: $ERR"
    assert_line LISTEN_FDS=1 LISTEN_PID=1 socket
    refute_contains "$OUT" "fd=4"
}

test_listen_fds_and_preserve_fds() {
    bundle
    payload fds
    configure
    exec 3</etc 4</etc 5</etc
    capture activated 1 run --preserve-fds 1 --bundle "$BUNDLE" "$ID"
    exec 3<&- 4<&- 5<&-
    assert_equal "$STATUS" 0 "status: $ERR"
    assert_line "fd=3 type=dir" "fd=4 type=dir"
    refute_contains "$OUT" "fd=5"
}

test_no_listen_variables_without_them() {
    bundle
    payload env
    run_ok
    refute_contains "$OUT" LISTEN
}

test_standard_streams_are_those_of_the_caller() {
    bundle
    payload fds
    launch
    wait_output fd=2
    assert_equal "$(cat "$T/container.out")" \
        $'fd=0 type=char\nfd=1 type=file\nfd=2 type=file' descriptors
}

test_dev_null_of_the_host_is_replaced() {
    # A descriptor of the host's devtmpfs would let the container open its neighbours by `..`.
    differs crun "1.8 hands over that of the host"
    bundle
    payload pause
    launch
    wait_output ready
    local pid
    pid=$(state .pid)
    assert_equal "$(stat -L -c %d "/proc/$pid/fd/0")" "$(stat -c %d "/proc/$pid/root/dev/null")" \
        "device number of the file system of standard input"
}

test_streams_belong_to_the_user() {
    bundle '.process.user = {uid: 1000, gid: 1000}'
    payload stat /proc/self/fd/1 , writefd 1 text
    configure
    rt run --bundle "$BUNDLE" "$ID" </dev/null 2>"$T/err" | cat >"$T/out"
    grep -q text "$T/out" || fail "not writable: $(cat "$T/out" "$T/err")"
}

test_the_owner_of_a_null_device_is_kept() {
    requires user-namespaces
    strict crun "a null device that is a standard stream is given to the container's root"
    bundle
    user_namespace
    mknod -m 666 "$T/null" c 1 3
    STDIN=$T/null run_ok
    assert_equal "$(stat -c %u:%g "$T/null")" 0:0 owner
}

test_cwd_through_a_descriptor() {
    # CVE-2024-21626: a descriptor that the runtime had open for a folder of the host.
    bundle '.process.cwd = "/proc/self/fd/NUMBER"'
    payload cwd , ls .
    configure
    cp "$BUNDLE/config.json" "$T/stock.json"
    local fd
    for fd in {3..30}; do
        sed "s|fd/NUMBER|fd/$fd|" "$T/stock.json" >"$BUNDLE/config.json"
        capture rt run --bundle "$BUNDLE" "$ID"
        # An error is the best answer; a folder inside of the root is possible.
        [ "$STATUS" -ne 0 ] || assert_match "$OUT" '^cwd=/'
        refute_contains "$OUT" "$ID"
        refute_contains "$OUT" cgroup.procs
        refute_contains "$OUT" "(unreachable)"
    done
    assert_clean
}
