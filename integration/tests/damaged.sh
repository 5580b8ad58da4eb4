# State directories that no create has finished, or that somebody was at.
# shellcheck shell=bash

# broken WORDS [COMMAND...]: these, `state`, `delete` and `list` say what is wrong; only
# `delete --force` helps.
broken() {
    local words
    for words in "state $ID" "delete $ID" "${@:2}"; do
        # shellcheck disable=SC2086 # words
        fails rt $words
        assert_contains "$ERR" "delete --force"
        assert_contains "$ERR" "$1"
    done
    [ -d "$STATE/$ID" ] || fail "the directory is gone"
    ok rt list
    assert_match "$OUT" "$ID +- +broken"
    assert_equal "$(grep -c . <<<"$OUT")" 2 "lines of list"
    ok rt list --format json
    assert_contains "$ERR" "$ID: "
    ok rt list --quiet
    assert_line "$ID"
    ok rt delete --force "$ID"
    [ ! -e "$STATE/$ID" ] || fail "the directory is there"
}

test_damaged_record() {
    requires runtime=apus
    mkdir "$STATE/$ID"
    echo '{"version": 1' >"$STATE/$ID/state.json"
    broken "cannot read the container's record" "start $ID" "kill $ID 9" "pause $ID" \
        "exec $ID /payload" "ps $ID" "update --pids-limit 5 $ID" "wait $ID"
    local text
    for text in '' '{' 'garbage' '[]' 'null' '{}' '{"version": 1}' '{"version": "1", "id": 3}' \
        $'\x80\xff' '{"version": 0, "id": "x"}'; do
        mkdir -p "$STATE/$ID"
        printf '%s' "$text" >"$STATE/$ID/state.json"
        : >"$STATE/$ID/config.json"
        broken "cannot read the container's record"
    done
}

test_truncated_record_of_a_running_container() {
    requires runtime=apus
    bundle
    payload pause
    launch
    local pid size cgroup
    pid=$(state .pid)
    size=$(stat -c %s "$STATE/$ID/state.json")
    for cgroup in $(find_cgroups); do break; done
    cp "$STATE/$ID/state.json" "$T/good"
    truncate -s $((size / 2)) "$STATE/$ID/state.json"
    cp -a "$STATE/$ID" "$T/kept"
    fails rt delete "$ID"
    ok rt delete --force "$ID"
    assert_contains "$ERR" "may be left"
    # What runs is not known from here, and is not guessed.
    kill -0 "$pid" || fail "the process was killed"
    [ -d "$cgroup" ] || fail "the cgroup was removed"
    mv "$T/kept" "$STATE/$ID"
    cp "$T/good" "$STATE/$ID/state.json"
    assert_state running
    ok rt delete --force "$ID"
}

test_record_of_another_container() {
    requires runtime=apus
    bundle
    payload pause
    launch
    local pid
    pid=$(state .pid)
    mkdir "$STATE/$ID-copy"
    cp "$STATE/$ID/state.json" "$STATE/$ID-copy/state.json"
    fails rt kill "$ID-copy" KILL
    fails rt delete "$ID-copy"
    ok rt delete --force "$ID-copy"
    kill -0 "$pid" || fail "the other's process was killed"
    assert_state running
    ok rt delete --force "$ID"
}

# Whoever wrote it can use it, and knows what runs.
test_record_of_a_newer_version() {
    requires runtime=apus
    mkdir "$STATE/$ID"
    echo '{"version": 99}' >"$STATE/$ID/state.json"
    fails rt delete --force "$ID"
    assert_contains "$ERR" "this version of apus reads format 1"
    refute_contains "$ERR" "--force"
    [ -e "$STATE/$ID/state.json" ] || fail "it is gone"
    rm -r "${STATE:?}/$ID"
}

test_record_that_is_no_file() {
    requires runtime=apus
    mkdir -p "$STATE/$ID/state.json"
    broken state.json
    mkdir -p "$STATE/$ID"
    mkfifo "$STATE/$ID/state.json"
    broken "cannot read the container's record"
    mkdir -p "$STATE/$ID"
    ln -s /etc/passwd "$STATE/$ID/state.json"
    broken state.json
    [ -s /etc/passwd ] || fail "the link was followed"
}

test_directory_without_record() {
    requires runtime=apus
    mkdir "$STATE/$ID"
    broken "was never created"
    mkdir "$STATE/$ID"
    mkfifo "$STATE/$ID/exec.fifo"
    : >"$STATE/$ID/.state-4711"
    broken "was never created"
}

is_locked() {
    ! flock --nonblock "$STATE/$ID" true
}

# A creator that lives has the lock: nobody takes the directory away under its hands.
test_directory_of_a_live_creator() {
    requires runtime=apus
    mkdir "$STATE/$ID"
    background flock --no-fork "$STATE/$ID" sleep 1000
    eventually is_locked
    fails rt state "$ID"
    assert_contains "$ERR" "being created"
    ok rt list --quiet
    refute_line "$ID"
    local holder=$JOB
    background rt delete --force "$ID"
    eventually has_open "$STATE/$ID"
    sleep 0.2
    kill -0 "$JOB" || fail "delete did not wait for the lock: $(cat "$JOB_OUT")"
    [ -d "$STATE/$ID" ] || fail "the directory is gone"
    kill "$holder"
    finish_job "$JOB"
    assert_equal "$STATUS" 0 "status of delete: $(cat "$JOB_OUT")"
    [ ! -e "$STATE/$ID" ] || fail "the directory stays"
    ok rt delete --force "$ID"
}

test_unknown_files_stay() {
    requires runtime=apus
    mkdir "$STATE/$ID"
    : >"$STATE/$ID/precious"
    fails rt delete --force "$ID"
    [ -e "$STATE/$ID/precious" ] || fail "it is gone"
    rm "$STATE/$ID/precious"
    ok rt delete --force "$ID"
}
