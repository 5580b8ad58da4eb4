# Where errors go and in which form: standard error, --log FILE, text or JSON. Engines read the last
# line of the file.
# shellcheck shell=bash

test_error_on_standard_error() {
    bundle
    fails rt state "$ID"
    assert_equal "$OUT" "" "standard output"
    assert_equal "$(wc -l <"$T/err")" 1 "lines"
}

test_json_log_file() {
    bundle
    fails rt --log "$T/log" --log-format json state "$ID"
    tail -n 1 "$T/log" | jq -e '.level == "error" and (.msg | length > 5)
        and (.time | test("^20.*T"))' >/dev/null || fail "log: $(cat "$T/log")"
    # The text is on standard error too: engines show it.
    [ -n "$ERR" ] || fail "nothing on standard error"
}

test_json_log_is_one_object() {
    bundle
    edit '.process.args = ["/missing"]'
    configure
    fails rt --log "$T/log" --log-format json create --bundle "$BUNDLE" "$ID"
    assert_equal "$(jq -s length "$T/log")" 1 "objects"
    assert_contains "$(jq -r .msg "$T/log")" /missing
    assert_clean
}

test_text_log_file() {
    bundle
    fails rt --log "$T/log" --log-format text state "$ID"
    [ -s "$T/log" ] || fail "nothing in the file"
}

test_log_is_appended() {
    bundle
    echo before >"$T/log"
    fails rt --log "$T/log" state "$ID"
    assert_equal "$(head -n 1 "$T/log")" before "first line"
    [ "$(wc -l <"$T/log")" -gt 1 ] || fail "nothing appended"
}

test_no_log_of_success() {
    bundle
    configure
    ok rt --log "$T/log" --log-format json run --bundle "$BUNDLE" "$ID"
    assert_equal "$(cat "$T/log" 2>/dev/null || true)" "" "log"
    assert_equal "$ERR" "" "standard error"
}

test_unknown_format() {
    bundle
    fails rt --log-format yaml list
}

test_log_that_cannot_be_opened() {
    bundle
    configure
    fails rt --log "$T/missing/log" create --bundle "$BUNDLE" "$ID"
    assert_clean
}

test_debug() {
    bundle '.nobody.knows = 1'
    payload echo fine
    configure
    ok rt --debug --log "$T/log" run --bundle "$BUNDLE" "$ID"
    assert_line fine
    [ "$KIND" != apus ] || assert_contains "$(cat "$T/log")" "unknown property /nobody is ignored"
}

test_log_level() {
    differs crun "1.8 has no --log-level"
    requires peer-not=runc
    bundle
    configure
    ok rt --log-level debug --log "$T/log" run --bundle "$BUNDLE" "$ID"
    fails rt --log-level nonsense list
}

test_options_that_change_nothing_here() {
    bundle
    configure
    ok rt --rootless false run --bundle "$BUNDLE" "$ID"
    if [ "$KIND" != runc ]; then
        ok rt --cgroup-manager cgroupfs run --bundle "$BUNDLE" "$ID"
    fi
}

test_unknown_cgroup_manager() {
    requires peer-not=runc
    bundle
    fails rt --cgroup-manager nonsense list
}

test_help() {
    local words
    for words in --help "create --help" "run --help" "list --help"; do
        # shellcheck disable=SC2086 # two words
        ok rt $words
        [ -n "$OUT" ] || fail "no help: $words"
    done
}

# Only in our own words: errors name their place in config.json, and are told together.
test_types_that_are_wrong_name_their_place() {
    requires runtime=apus
    bundle '.mounts[0].destination = 5 | .process.user.uid = -1'
    create_fails
    assert_contains "$ERR" mounts/0/destination
    assert_contains "$ERR" process/user/uid
}

test_values_that_are_wrong_name_their_place() {
    requires runtime=apus
    bundle '.process.cwd = "relative" | .linux.sysctl = {"kernel.panic": "1"}
        | .linux.uidMappings = [{containerID: 0, hostID: 1, size: 1}]'
    create_fails
    assert_contains "$ERR" process/cwd
    assert_contains "$ERR" linux/sysctl
    assert_contains "$ERR" linux/uidMappings
}
