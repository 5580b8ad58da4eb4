# --pid-file: what is written, where, and what is taken back.
# shellcheck shell=bash

test_pid_file() {
    bundle
    payload pause
    create_ok --pid-file "$T/pid"
    assert_equal "$(od -An -c "$T/pid" | tr -d ' \n')" "$(state .pid)" "bytes of the pid file"
}

test_pid_file_is_relative_to_the_callers_folder() {
    differs crun "it is relative to the bundle"
    bundle
    payload pause
    configure
    mkdir "$T/here"
    (cd "$T/here" && ok rt create --bundle "$BUNDLE" --pid-file pid "$ID")
    assert_file "$T/here/pid" "$(state .pid)"
}

test_pid_file_of_run() {
    bundle
    run_ok --pid-file "$T/pid"
    assert_match "$(cat "$T/pid")" '^[0-9]+$'
}

test_pid_file_in_a_missing_folder() {
    strict crun,runc "an error of the pid file is reported after the container was made"
    bundle
    create_fails --pid-file "$T/missing/pid"
}

test_pid_file_that_is_a_device() {
    strict runc "a file takes the place of the device"
    bundle
    payload true
    configure
    mknod "$T/null" c 1 3
    ln -s null "$T/link"
    local name
    for name in null link; do
        ok rt run --pid-file "$T/$name" --bundle "$BUNDLE" "$ID"
    done
    # Once it is written a program that is none takes back what is a file.
    echo text >"$ROOTFS/none"
    chmod 755 "$ROOTFS/none"
    edit '.process.args = ["/none"]'
    configure
    for name in null link file; do
        fails rt run --pid-file "$T/$name" --bundle "$BUNDLE" "$ID"
    done
    [ "$KIND" != apus ] || [ ! -e "$T/file" ] || fail "the file is left"
    [ -c "$T/null" ] || fail "the device is gone"
    [ -L "$T/link" ] || fail "the link is gone"
}

test_pid_file_that_is_a_disk() {
    requires runtime=apus
    bundle
    payload true
    configure
    mknod "$T/disk" b 7 200
    fails rt run --pid-file "$T/disk" --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "cannot write the pid file"
    [ -b "$T/disk" ] || fail "the disk is gone"
    assert_clean
}
