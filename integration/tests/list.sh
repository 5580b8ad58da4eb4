# `list` and `spec`: the table, JSON and quiet forms of one, the configuration that the other
# writes.
# shellcheck shell=bash

test_empty_table() {
    ok rt list
    assert_equal "$(wc -l <"$T/out")" 1 "lines"
    assert_match "$OUT" '^(ID|NAME) +PID +STATUS +BUNDLE.* +CREATED +OWNER *$'
}

test_result_that_nobody_can_get() {
    differs crun "it ends with 0"
    bundle
    launch
    fails bash -c '"$@" >&-' - "$RUNTIME" --root "$STATE" list
    [ "$KIND" != apus ] || assert_contains "$ERR" "cannot write the result: EBADF"
    fails bash -c '"$@" >/dev/full' - "$RUNTIME" --root "$STATE" list
    assert_contains "$ERR" "no space left on device"
}

test_empty_json() {
    ok rt list --format json
    assert_match "$(jq -c . "$T/out")" '^(null|\[\])$'
}

test_empty_quiet() {
    ok rt list -q
    assert_equal "$OUT" "" output
}

test_root_that_does_not_exist() {
    ok "$RUNTIME" --root "$T/none" list
    assert_equal "$(wc -l <"$T/out")" 1 "lines"
}

# three: one created, one running, one stopped.
three() {
    bundle
    payload pause
    local name
    for name in a b c; do
        edit ".linux.cgroupsPath = \"$(cgroups_path "$ID-$name")\""
        configure
        ok rt create --bundle "$BUNDLE" "$ID-$name"
    done
    ok rt start "$ID-b"
    ok rt start "$ID-c"
    ok rt kill "$ID-c" KILL
    ID_SAVED=$ID ID=$ID-c
    wait_state stopped
    ID=$ID_SAVED
}

test_table() {
    three
    ok rt list
    assert_equal "$(wc -l <"$T/out")" 4 "lines"
    local line
    line=$(grep "^$ID-a " "$T/out")
    assert_match "$line" "^$ID-a +[0-9]+ +created +$BUNDLE +20[0-9TZ:.+-]+ +root *$"
    assert_match "$(grep "^$ID-b " "$T/out")" " running "
    assert_match "$(grep "^$ID-c " "$T/out")" "^$ID-c +0 +stopped "
}

test_json() {
    three
    ok rt list --format json
    assert_equal "$(jq length "$T/out")" 3 "number"
    assert_equal "$(jq -r '.[].status' "$T/out" | sort | tr '\n' ' ')" \
        "created running stopped " status
    assert_equal "$(jq -r ".[] | select(.id == \"$ID-b\") | .bundle" "$T/out")" "$BUNDLE" bundle
    assert_equal "$(jq -r ".[] | select(.id == \"$ID-b\") | .owner" "$T/out")" root owner
    assert_match "$(jq -r ".[] | select(.id == \"$ID-b\") | .pid" "$T/out")" '^[1-9][0-9]*$'
}

test_short_format_option() {
    ok rt list -f json
    jq -e . "$T/out" >/dev/null || [ "$(cat "$T/out")" = null ] || fail "not JSON: $OUT"
}

test_quiet() {
    three
    ok rt list --quiet
    assert_equal "$(sort <<<"$OUT" | tr '\n' ' ')" "$ID-a $ID-b $ID-c " ids
}

test_unknown_format() {
    fails rt list --format yaml
}

test_list_is_untroubled_by_strange_entries() {
    strict crun,runc "what is no container is listed, or ends the list"
    three
    mkdir "$STATE/empty"
    touch "$STATE/file"
    mkdir "$STATE/broken"
    echo '{"pid": ' >"$STATE/broken/state.json"
    echo '{"pid": ' >"$STATE/broken/status"
    capture rt list -q
    assert_contains "$OUT" "$ID-a"
    assert_contains "$OUT" "$ID-c"
    rm -r "$STATE/empty" "$STATE/file" "$STATE/broken"
}

test_spec() {
    mkdir "$T/new"
    cd "$T/new" || return
    ok rt spec
    assert_match "$(jq -r .ociVersion config.json)" '^1\.[0-9]+\.[0-9]+'
    assert_equal "$(jq -c .process.args config.json)" '["sh"]' args
    assert_equal "$(jq -r .process.terminal config.json)" true terminal
    assert_equal "$(jq -r .root.path config.json)" rootfs root
    assert_equal "$(jq -r .root.readonly config.json)" true readonly
    assert_equal \
        "$(jq -r '[.linux.namespaces[].type] - ["cgroup"] | sort | join(" ")' config.json)" \
        "ipc mount network pid uts" namespaces
    assert_equal "$(jq '.mounts | length >= 6' config.json)" true "mounts"
    assert_equal "$(jq -c '.linux.resources.devices[0] | [.allow, .access]' config.json)" \
        '[false,"rwm"]' "device rule"
}

test_spec_does_not_overwrite() {
    mkdir "$T/new"
    echo mine >"$T/new/config.json"
    fails rt spec --bundle "$T/new"
    assert_file "$T/new/config.json" mine
}

test_spec_in_a_bundle() {
    differs crun "1.8 has no --bundle here"
    mkdir "$T/new"
    ok rt spec --bundle "$T/new"
    [ -f "$T/new/config.json" ] || fail "not written"
}

test_spec_runs() {
    bundle
    rm "$BUNDLE/config.json"
    (cd "$BUNDLE" && ok rt spec)
    EDITS=(".linux.cgroupsPath = \"/$ID\" | .process.terminal = false")
    payload ls / , write /file text , caps
    run_status 1
    assert_line payload write=EROFS nnp=1
}

test_rootless_spec() {
    differs crun "it keeps the network namespace"
    mkdir "$T/new"
    cd "$T/new" || return
    ok rt spec --rootless
    assert_equal "$(jq -r '[.linux.namespaces[].type] | index("user") != null' config.json)" \
        true user
    assert_equal "$(jq -r '[.linux.namespaces[].type] | index("network")' config.json)" null network
    assert_equal "$(jq -c '[.linux.uidMappings[0] | .containerID, .hostID, .size]' config.json)" \
        '[0,0,1]' "map"
    assert_equal "$(jq -r '.linux.resources // {} | .devices // "none"' config.json)" none resources
}
