# ps: the table of the host's ps(1) with the container's rows, and the list of pids that engines read.
# shellcheck shell=bash

running() {
    bundle
    payload "$@"
    launch
}

test_json_is_a_bare_array() {
    running pause
    wait_output ready
    ok rt ps --format json "$ID"
    jq -e 'type == "array" and length == 1 and all(type == "number")' "$T/out" >/dev/null ||
        fail "$OUT"
    assert_equal "$(jq '.[0]' "$T/out")" "$(state .pid)" pid
    [ "$KIND" = crun ] || assert_equal "$OUT" "[$(state .pid)]" text
}

test_json_of_several() {
    running fork-sleep 3
    has_four() {
        [ "$(rt ps --format json "$ID" | jq length)" = 4 ]
    }
    eventually has_four
}

test_processes_of_exec_are_listed() {
    running pause
    wait_output ready
    ok rt exec --detach --pid-file "$T/pid" "$ID" /payload pause
    ok rt ps -f json "$ID"
    jq -e "index($(cat "$T/pid")) != null" "$T/out" >/dev/null || fail "$OUT"
}

test_table() {
    requires peer-not=crun
    command -v ps >/dev/null || skip "needs ps"
    running pause
    wait_output ready
    ok rt ps "$ID"
    assert_match "$(head -n 1 <<<"$OUT")" '^UID +PID +PPID'
    assert_equal "$(wc -l <<<"$OUT")" 2 lines
    assert_match "$(tail -n 1 <<<"$OUT")" " $(state .pid) .*/payload pause"
}

test_table_with_arguments() {
    requires peer-not=crun
    command -v ps >/dev/null || skip "needs ps"
    running pause
    wait_output ready
    ok rt ps "$ID" -e -o pid,args
    assert_match "$(tail -n 1 <<<"$OUT")" "^ *$(state .pid) /payload pause"
    fails rt ps "$ID" -e -o args
    assert_contains "$ERR" "PID field"
    fails rt ps "$ID" --no-such-option
}

test_stopped_container() {
    differs crun,runc "it crashes, or says that the cgroup is gone"
    running true
    wait_state stopped
    ok rt ps --format json "$ID"
    assert_equal "$(tr -d ' \n' <<<"$OUT")" '[]' text
}

test_unknown_container() {
    fails rt ps nobody
    assert_says "does not exist"
}

test_unknown_format() {
    running pause
    fails rt ps --format yaml "$ID"
}
