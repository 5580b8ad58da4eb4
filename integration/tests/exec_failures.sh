# exec that fails: with which status and in which words.
# shellcheck shell=bash
# shellcheck source=integration/exec_lib.sh
source "$HERE/exec_lib.sh"

test_missing_program() {
    running
    capture rt exec "$ID" no-such-program
    [ "$KIND" = crun ] || assert_equal "$STATUS" 255 status
    # runc quotes the message once more.
    OUT=${ERR//\\/}
    [ "$KIND" = crun ] || assert_contains "$OUT" 'exec failed: unable to start container process: exec: "no-such-program": executable file not found in $PATH'
    capture rt exec "$ID" /no/such/program
    assert_different "$STATUS" 0 status
    assert_match "$ERR" '[nN]o such file or directory'
}

test_program_that_is_none() {
    bundle
    echo text >"$ROOTFS/text"
    mkdir "$ROOTFS/folder"
    payload pause
    launch
    wait_output ready
    capture rt exec "$ID" /text
    assert_different "$STATUS" 0 status
    assert_match "$ERR" '[pP]ermission denied'
    fails rt exec "$ID" /folder
}

test_program_without_a_name() {
    running
    exec_failed rt exec "$ID" ""
    # crun has other words.
    [ "$KIND" = crun ] || assert_contains "${ERR//\\/}" 'exec: "": executable file not found in $PATH'
}

# The kernel says that memory is short, or kills the new process, when the container ends meanwhile.
test_container_that_ends_meanwhile() {
    requires runtime=apus
    local n
    for n in {1..12}; do
        running
        background rt exec "$ID" /payload true
        rt kill "$ID" KILL
        finish_job "$JOB"
        [ "$STATUS" -eq 0 ] || [ "$STATUS" -eq 137 ] ||
            assert_match "$(cat "$JOB_OUT")" 'container not running: no such process|cannot exec in a stopped container'
        ok rt delete --force "$ID"
        rm -r "$BUNDLE"
    done
}

# A shortage of the caller's is no end of the container's.
test_lack_of_descriptors() {
    requires runtime=apus
    running
    local n
    for n in {4..20}; do
        capture sh -c "ulimit -n $n; exec \"\$@\"" sh "$RUNTIME" --root "$STATE" exec "$ID" /payload true
        refute_contains "$ERR" "not running"
        refute_contains "$ERR" "stopped"
    done
    assert_state running
}

test_no_program() {
    running
    exec_failed rt exec "$ID"
    [ "$KIND" != apus ] || assert_contains "$ERR" "exec args cannot be empty"
}

# Engines tell a failure of exec from a command that ends with 1.
exec_failed() {
    capture "$@"
    if [ "$KIND" = crun ]; then
        assert_different "$STATUS" 0 status
    else
        assert_equal "$STATUS" 255 "status ($ERR)"
        assert_contains "$ERR" "exec failed: "
    fi
}

test_every_failure_has_one_status() {
    running
    exec_failed rt exec --user nobody "$ID" /payload echo
    exec_failed rt exec --process /no/such/file "$ID"
    exec_failed rt exec --cwd /nowhere "$ID" /payload echo
    exec_failed rt exec --pid-file /nowhere/pid "$ID" /payload echo
    exec_failed rt exec --tty --detach "$ID" /payload echo
    exec_failed rt exec nobody /payload echo
    # A command line that cannot be read is another matter.
    capture rt exec --no-such-option "$ID" /payload echo
    [ "$KIND" = crun ] || assert_equal "$STATUS" 1 "status ($ERR)"
    capture rt exec
    assert_equal "$STATUS" 1 "status ($ERR)"
}

test_stopped_container() {
    bundle
    launch
    wait_state stopped
    ex -- true
    assert_different "$STATUS" 0 status
    assert_says "cannot exec in a stopped container"
}

test_unknown_container() {
    fails rt exec nobody true
    assert_says "does not exist"
}

test_paused_container() {
    requires peer-not=crun
    running
    ok rt pause "$ID"
    ex -- true
    [ "$KIND" != apus ] || assert_equal "$STATUS" 255 status
    assert_contains "$ERR" "cannot exec in a paused container (use --ignore-paused to override)"
    background rt exec --ignore-paused "$ID" /payload echo thawed
    sleep 0.3
    assert_file "$JOB_OUT" ""
    ok rt resume "$ID"
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of the waiting exec"
    assert_file "$JOB_OUT" thawed
}
