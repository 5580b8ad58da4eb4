# plan: what a command would do, without doing it.
# shellcheck shell=bash

test_create() {
    requires runtime=apus
    bundle
    payload true
    ok rt plan --bundle "$BUNDLE"
    assert_match "$OUT" "host  spawn .*mnt"
    assert_contains "$OUT" "exec /payload true"
    [ ! -e "$STATE/$ID" ] || fail "a state directory"
}

# The configuration that spec writes has a terminal, and nobody waits for it here.
test_configuration_of_spec() {
    requires runtime=apus
    mkdir -p "$T/fresh/rootfs"
    ok rt spec --bundle "$T/fresh"
    ok rt plan --bundle "$T/fresh"
    assert_contains "$OUT" "process/terminal"
    ok rt plan --bundle "$T/fresh" --console-socket "$T/socket"
}

test_exec() {
    requires runtime=apus
    bundle
    payload pause
    launch
    ok rt plan exec "$ID" -- /payload true
    assert_match "$OUT" "init  setns [a-z,]*mnt"
    assert_contains "$OUT" "exec /payload true"
    assert_equal "$(grep -c "setns" <<<"$OUT")" 1 "number of setns"
    ok rt plan --format json exec --user 5 "$ID" /payload true
    jq -e 'map(select(.action == "setuid 5")) | length == 1' "$T/out" >/dev/null || fail "$OUT"
}
