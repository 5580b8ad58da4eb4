# AppArmor, where the kernel enforces it: the profile of the program, of `exec`, what it denies, and
# a profile that nobody has loaded. Needs apparmor_parser; kernel_objects.sh has hosts without.
# shellcheck shell=bash
# needs apparmor

# load_profile NAME [RULE...]: allows everything but what the rules deny; `confined` unloads it.
load_profile() {
    local name=$1
    shift
    {
        echo "profile $name flags=(attach_disconnected,mediate_deleted) {"
        echo "file, capability, network, mount, umount, pivot_root, ptrace, signal, unix,"
        printf '%s,\n' "$@"
        echo "}"
    } >"$T/$name"
    apparmor_parser --replace --skip-cache --quiet "$T/$name"
    echo "$T/$name" >>"$T/profiles"
    trap unload_profiles EXIT
}

unload_profiles() {
    local file
    for file in $(cat "$T/profiles"); do apparmor_parser --remove --quiet "$file"; done
}

# confined: a bundle whose program has a profile of the test's own.
confined() {
    requires apparmor
    load_profile "$ID" "deny /secret r"
    bundle ".process.apparmorProfile = \"$ID\""
    echo text >"$ROOTFS/secret"
    echo text >"$ROOTFS/open"
}

test_profile_of_the_program() {
    confined
    payload cat /proc/self/attr/apparmor/current , cat /open
    run_ok
    assert_line "$ID (enforce)" text
}

test_profile_denies() {
    confined
    payload cat /secret
    run_status 1
    assert_contains "$OUT" EACCES
    edit 'del(.process.apparmorProfile)'
    run_ok
    assert_line text
}

test_no_new_privileges_is_no_obstacle() {
    confined
    local value
    for value in true false; do
        edit ".process.noNewPrivileges = $value"
        payload cat /proc/self/attr/apparmor/current
        run_ok
        assert_line "$ID (enforce)"
    done
}

test_profile_inside_a_user_namespace() {
    confined
    user_namespace
    payload cat /proc/self/attr/apparmor/current , cat /secret
    run_status 1
    assert_line "$ID (enforce)"
}

# Only the program is confined: what prepares the container would need many rights more.
test_created_container_waits_unconfined() {
    confined
    payload pause
    create_ok
    assert_equal "$(tr -d '\0' <"/proc/$(state .pid)/attr/apparmor/current")" unconfined "before"
    ok rt start "$ID"
    is_confined() {
        [ "$(tr -d '\0' <"/proc/$(state .pid)/attr/apparmor/current")" = "$ID (enforce)" ]
    }
    eventually is_confined
}

test_exec_has_the_profile_of_the_container() {
    confined
    payload pause
    launch
    ok rt exec "$ID" /payload cat /proc/self/attr/apparmor/current
    assert_line "$ID (enforce)"
}

test_exec_with_a_profile_of_its_own() {
    confined
    load_profile "$ID-exec" "deny /open r"
    payload pause
    launch
    ok rt exec --apparmor "$ID-exec" "$ID" /payload cat /proc/self/attr/apparmor/current , \
        cat /secret
    assert_line "$ID-exec (enforce)" text
    capture rt exec --apparmor "$ID-exec" "$ID" /payload cat /open
    assert_contains "$OUT" EACCES
}

test_profile_that_is_not_loaded() {
    requires apparmor
    bundle ".process.apparmorProfile = \"$ID-absent\""
    payload true
    configure
    fails rt run --bundle "$BUNDLE" "$ID"
    assert_contains "$ERR" "process/apparmorProfile"
    assert_contains "$ERR" "$ID-absent"
    assert_clean
}

test_exec_with_a_profile_that_is_not_loaded() {
    confined
    payload pause
    launch
    fails rt exec --apparmor "$ID-absent" "$ID" /payload true
    assert_contains "$ERR" "$ID-absent"
}
