# linux.resources.devices: what the container may do with device nodes, tried by opening and making
# them, with the rules of version 1 and the program of version 2 alike; and the list that the kernel
# keeps of the former. The default devices are always allowed.
# shellcheck shell=bash

# rules RULE...: after a first rule that denies all, as engines write it.
rules() {
    requires file=/dev/fuse
    bundle
    local rule list='{allow: false, access: "rwm"}'
    for rule in "$@"; do list+=", $rule"; done
    edit ".linux.resources.devices = [$list]"
    edit '.linux.devices = [{path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 438},
        {path: "/dev/block", type: "b", major: 7, minor: 0, fileMode: 438}]'
    capabilities CAP_MKNOD CAP_DAC_OVERRIDE
}

test_deny_all() {
    rules
    payload open /dev/fuse r , open /dev/block r
    run_status 1
    assert_equal "$OUT" $'open=EPERM\nopen=EPERM' answers
}

test_default_devices_stay_allowed() {
    rules
    payload open /dev/null rw , open /dev/zero rw , open /dev/full rw , open /dev/random r , \
        open /dev/urandom rw , open /dev/ptmx rw
    run_ok
    assert_equal "$(sort -u <<<"$OUT")" open=ok answers
}

test_making_nodes_stays_allowed() {
    rules
    payload mknod /dev/new c 10 229 , open /dev/new r , mknod /dev/blk b 7 0
    run_status 1
    assert_equal "$OUT" $'mknod=ok\nopen=EPERM\nmknod=ok' answers
}

test_allow_one() {
    rules '{allow: true, type: "c", major: 10, minor: 229, access: "rwm"}'
    payload open /dev/fuse rw , open /dev/block r
    run_status 1
    assert_equal "$OUT" $'open=ok\nopen=EPERM' answers
}

test_allow_reading_only() {
    rules '{allow: true, type: "c", major: 10, minor: 229, access: "r"}'
    payload open /dev/fuse r , open /dev/fuse w , open /dev/fuse rw
    run_status 1
    assert_equal "$OUT" $'open=ok\nopen=EPERM\nopen=EPERM' answers
}

test_allow_every_minor() {
    differs crun "1.8 takes a minor of -1 for a number"
    rules '{allow: true, type: "c", major: 10, access: "rw"}'
    payload open /dev/fuse rw
    run_ok
    edit '.linux.resources.devices[1].minor = -1'
    run_ok
}

test_later_rule_wins() {
    rules '{allow: true, type: "c", major: 10, minor: 229, access: "rwm"}' \
        '{allow: false, type: "c", major: 10, minor: 229, access: "rwm"}'
    payload open /dev/fuse r
    run_status 1
    assert_line open=EPERM
}

test_deny_a_part_of_what_was_allowed() {
    rules '{allow: true, type: "c", major: 10, minor: 229, access: "rwm"}' \
        '{allow: false, type: "c", major: 10, minor: 229, access: "w"}'
    payload open /dev/fuse r , open /dev/fuse w
    run_status 1
    assert_equal "$OUT" $'open=ok\nopen=EPERM' answers
}

test_allow_all() {
    rules '{allow: true, access: "rwm"}'
    payload open /dev/fuse rw , mknod /dev/new b 7 1
    run_ok
    assert_contains "$OUT" open=ok
}

test_allow_all_by_type_a() {
    rules '{allow: true, type: "a", access: "rwm"}'
    payload open /dev/fuse rw
    run_ok
}

test_a_block_rule_is_none_for_characters() {
    rules '{allow: true, type: "b", major: 10, minor: 229, access: "rwm"}'
    payload open /dev/fuse r
    run_status 1
    assert_line open=EPERM
}

test_exception_from_allow_all() {
    differs crun "the kernel refuses the default rules after allow all"
    rules '{allow: true, access: "rwm"}' \
        '{allow: false, type: "c", major: 10, minor: 229, access: "rwm"}'
    payload open /dev/fuse r , open /dev/null r
    run_status 1
    assert_equal "$OUT" $'open=EPERM\nopen=ok' answers
}

test_list_of_the_kernel() {
    requires cgroup-v1
    rules '{allow: true, type: "c", major: 10, minor: 229, access: "rw"}'
    payload pause
    create_ok
    OUT=$(cat "/sys/fs/cgroup/devices/$ID/devices.list")
    # A rule without m joins the one that lets every node be made.
    assert_match "$OUT" 'c 10:229 rw'
    assert_line "c *:* m" "b *:* m" "c 1:3 rwm" "c 1:5 rwm" "c 1:7 rwm" "c 1:8 rwm" "c 1:9 rwm" \
        "c 5:0 rwm" "c 5:2 rwm" "c 136:* rwm"
    refute_contains "$OUT" "a *:*"
}

test_rules_hold_before_the_process_starts() {
    requires cgroup-v1
    rules
    payload pause
    create_ok
    refute_contains "$(cat "/sys/fs/cgroup/devices/$ID/devices.list")" "a *:*"
}

# Nodes cannot be made there, but bound, and the rules are as strict as elsewhere.
test_rules_hold_in_a_user_namespace() {
    requires user-namespaces
    rules '{allow: true, type: "b", major: 7, minor: 0, access: "r"}'
    edit '.linux.devices = []'
    user_namespace
    mknod -m 666 "$BUNDLE/fuse" c 10 229
    mount_entry /fuse none fuse bind
    payload open /fuse r , open /dev/null rw
    run_status 1
    assert_equal "$OUT" $'open=EPERM\nopen=ok' answers
}

test_update_keeps_the_rules() {
    rules
    payload pause
    launch
    ok rt update --pids-limit 20 "$ID"
    capture rt exec "$ID" /payload open /dev/fuse r
    assert_equal "$OUT" open=EPERM answer
}

test_bad_rules() {
    strict crun,runc "some are passed on"
    local rule
    for rule in '{allow: true, type: "x", access: "r"}' \
        '{allow: true, type: "c", major: 10, minor: 229, access: "rx"}' \
        '{type: "c", access: "r"}'; do
        rules "$rule"
        if [[ $rule == *allow* ]] || ! is_peer; then create_fails; fi
    done
}
