# The five operations: statuses, what each refuses and how it says so, the pid file, containers that
# are made at the same time, a runtime that is killed. Engines match the texts that are checked
# here.
# shellcheck shell=bash

test_create_waits_for_start() {
    bundle
    payload echo started
    configure
    rt create --bundle "$BUNDLE" "$ID" >"$T/container.out" </dev/null
    assert_state created
    local pid
    pid=$(state .pid)
    [ -d "/proc/$pid" ] || fail "no process $pid"
    assert_file "$T/container.out" ""
    ok rt start "$ID"
    wait_output started
    wait_state stopped
    ok rt delete "$ID"
    assert_clean
}

test_container_is_pid_1_in_its_own_namespaces() {
    bundle
    payload pids , ns
    run_ok
    assert_line pid=1 ppid=0
    local name
    for name in pid net ipc uts mnt; do
        assert_different "$(value $name)" "$(host_namespace $name)" "namespace $name"
    done
    assert_equal "$(value user)" "$(host_namespace user)" "user namespace"
}

test_statuses_through_life() {
    bundle
    payload pause
    create_ok
    assert_state created
    ok rt start "$ID"
    assert_state running
    ok rt kill "$ID" KILL
    wait_state stopped
    ok rt delete "$ID"
    fails rt state "$ID"
    assert_says "does not exist"
    assert_clean
}

test_state_json() {
    differs crun "rootfs is what config.json says"
    bundle
    edit '.annotations = {"org.example.key": "value with \"quotes\" é"}'
    payload pause
    launch
    ok rt state "$ID"
    jq -e . "$T/out" >/dev/null || fail "not JSON: $OUT"
    assert_match "$(jq -r .ociVersion "$T/out")" '^1\.[0-9]+\.[0-9]+'
    assert_equal "$(jq -r .id "$T/out")" "$ID" id
    assert_equal "$(jq -r .status "$T/out")" running status
    assert_equal "$(jq -r .bundle "$T/out")" "$BUNDLE" bundle
    assert_equal "$(jq -r .rootfs "$T/out")" "$ROOTFS" rootfs
    assert_match "$(jq -r .created "$T/out")" '^20..-..-..T..:..:..\.?[0-9]*Z$'
    assert_equal "$(jq -r '.annotations["org.example.key"]' "$T/out")" 'value with "quotes" é'
    local pid
    pid=$(jq .pid "$T/out")
    assert_equal "$(readlink "/proc/$pid/exe")" /payload "program of $pid"
}

test_state_of_stopped_has_pid_0() {
    bundle
    launch
    wait_state stopped
    assert_equal "$(state .pid)" 0 pid
}

test_state_of_unknown_container() {
    bundle
    fails rt state "$ID"
    assert_says "does not exist"
}

test_bundle_is_the_current_folder() {
    bundle
    payload echo here
    configure
    cd "$BUNDLE" || return
    ok rt run "$ID"
    assert_line here
}

test_missing_bundle() {
    bundle
    fails rt create --bundle "$T/missing" "$ID"
    assert_contains "$ERR" "$T/missing"
    assert_clean
}

test_missing_config() {
    bundle
    rm "$BUNDLE/config.json"
    EDITS=()
    create_fails
    assert_contains "$ERR" config.json
}

test_config_that_is_no_json() {
    bundle
    EDITS=()
    echo '{"ociVersion": "1.0.2",' >"$BUNDLE/config.json"
    create_fails
}

test_later_edits_of_config_have_no_effect() {
    bundle
    payload echo first
    configure
    rt create --bundle "$BUNDLE" "$ID" >"$T/container.out" </dev/null
    payload echo second
    configure
    ok rt start "$ID"
    wait_output first
}

test_create_twice() {
    bundle
    payload pause
    create_ok
    local pid
    pid=$(state .pid)
    fails rt create --bundle "$BUNDLE" "$ID"
    assert_match "$ERR" 'already exists|already in use'
    fails rt run --bundle "$BUNDLE" "$ID"
    assert_equal "$(state .pid)" "$pid" "pid after a refused create"
    assert_state created
}

test_id_is_free_again_after_delete() {
    bundle
    payload echo again
    run_ok
    run_ok
    assert_line again
}

test_same_id_below_another_root() {
    bundle
    payload pause
    create_ok
    mkdir -m 700 "$T/other"
    edit ".linux.cgroupsPath = \"$(cgroups_path "$ID-other")\""
    configure
    ok "$RUNTIME" --root "$T/other" create --bundle "$BUNDLE" "$ID"
    ok "$RUNTIME" --root "$T/other" delete --force "$ID"
    assert_state created
}

test_bad_ids() {
    strict crun "it takes any characters but a slash"
    bundle
    configure
    local id
    for id in '' . .. a/b ../x 'a b' 'a*' 'ä' $'a\nb'; do
        fails rt create --bundle "$BUNDLE" "$id"
    done
    assert_clean
}

test_good_ids() {
    bundle
    payload true
    local id
    for id in "$ID-A_b+c.d-0" "$ID...x"; do
        edit ".linux.cgroupsPath = \"$(cgroups_path "$id")\""
        configure
        ok rt run --bundle "$BUNDLE" "$id"
    done
}

# The keyring and the cgroup have its name.
test_a_long_id() {
    local id
    id=$ID$(printf 'x%.0s' {1..230})
    bundle
    payload echo ran
    configure
    ok rt run --bundle "$BUNDLE" "${id:0:250}"
    assert_line ran
}

test_a_very_long_id() {
    bundle
    configure
    fails rt create --bundle "$BUNDLE" "$ID$(printf 'x%.0s' {1..1100})"
    assert_clean
}

test_start_of_unknown_container() {
    bundle
    fails rt start "$ID"
    assert_says "does not exist"
}

test_start_of_running_container() {
    bundle
    payload pause
    launch
    fails rt start "$ID"
    assert_state running
    assert_says "cannot start an already running container"
}

test_start_of_stopped_container() {
    bundle
    launch
    wait_state stopped
    fails rt start "$ID"
    assert_says "cannot start a container that has stopped"
}

test_kill_sends_the_signal() {
    differs crun "a name in lower case is signal 0 there"
    bundle
    payload trap USR1 5
    local signal
    for signal in USR1 SIGUSR1 usr1 10; do
        launch
        wait_output ready
        ok rt kill "$ID" $signal
        wait_output got=USR1
        wait_state stopped
        ok rt delete "$ID"
    done
}

test_kill_is_term_by_default() {
    bundle
    payload trap TERM
    launch
    wait_output ready
    ok rt kill "$ID"
    wait_output got=TERM
}

test_kill_of_created_container() {
    bundle
    payload pause
    create_ok
    ok rt kill "$ID" KILL
    wait_state stopped
    fails rt start "$ID"
}

test_kill_of_stopped_container() {
    bundle
    launch
    wait_state stopped
    fails rt kill "$ID" TERM
    assert_match "$ERR" 'container not running|[Nn]o such process'
    fails rt kill "$ID" KILL
    assert_match "$ERR" 'container not running|[Nn]o such process'
}

test_kill_of_unknown_container() {
    bundle
    fails rt kill "$ID"
    assert_says "does not exist"
}

test_kill_with_an_unknown_signal() {
    bundle
    payload pause
    launch
    local signal
    for signal in NOPE SIGNOPE 0x 99 -1; do
        fails rt kill "$ID" -- "$signal"
    done
    assert_state running
}

# A script's empty variable stands for the standard signal.
test_kill_with_an_empty_signal() {
    differs crun "it sends none"
    bundle
    payload trap TERM 9
    launch
    wait_output ready
    ok rt kill "$ID" ""
    wait_output TERM
    wait_state stopped
}

test_kill_all_of_stopped_container() {
    strict crun "its --all fails for a stopped container"
    bundle
    launch
    wait_state stopped
    ok rt kill --all "$ID" KILL
}

test_kill_all_reaches_children() {
    bundle
    without_namespace pid
    payload fork-sleep 3
    launch
    wait_output ready
    ok rt kill --all "$ID" KILL
    wait_state stopped
    ok rt delete "$ID"
    assert_clean
}

test_delete_of_running_container() {
    bundle
    payload pause
    launch
    fails rt delete "$ID"
    assert_match "$ERR" 'not stopped|not in `created` or `stopped` state'
    assert_state running
}

test_delete_of_created_container() {
    bundle
    payload pause
    create_ok
    local pid
    pid=$(state .pid)
    ok rt delete "$ID"
    [ ! -d "/proc/$pid" ] || [ -z "$(tr -d '\0' <"/proc/$pid/cmdline")" ] || fail "$pid lives"
    assert_clean
}

# The letter of the specification, for who asks for it.
test_strict_delete_and_kill() {
    requires runtime=apus
    bundle
    payload pause
    create_ok
    fails rt delete --strict "$ID"
    assert_contains "$ERR" "that is not stopped: created"
    assert_state created
    ok rt start "$ID"
    ok rt kill --strict --all "$ID" KILL
    wait_state stopped
    fails rt kill --strict --all "$ID" KILL
    assert_contains "$ERR" "not running"
    ok rt delete --strict "$ID"
    assert_clean
}

test_delete_force_of_running_container() {
    bundle
    payload fork-sleep 3 setsid
    launch
    wait_output ready
    ok rt delete --force "$ID"
    assert_clean
    fails rt state "$ID"
}

test_delete_short_option() {
    bundle
    payload pause
    launch
    ok rt delete -f "$ID"
    assert_clean
}

test_delete_of_unknown_container() {
    bundle
    fails rt delete "$ID"
    assert_says "does not exist"
    ok rt delete --force "$ID"
}

test_delete_twice() {
    bundle
    launch
    wait_state stopped
    ok rt delete "$ID"
    fails rt delete "$ID"
    assert_says "does not exist"
}

test_concurrent_creates_of_one_id() {
    strict runc "the losers of the race remove what the winner made"
    bundle
    payload pause
    configure
    local jobs=() job good=0
    for job in 1 2 3 4 5 6; do
        background rt create --bundle "$BUNDLE" "$ID"
        jobs+=("$JOB")
    done
    for job in "${jobs[@]}"; do
        finish_job "$job"
        if [ "$STATUS" -eq 0 ]; then good=$((good + 1)); fi
    done
    assert_equal $good 1 "creates that succeeded"
    assert_state created
    ok rt start "$ID"
    ok rt delete --force "$ID"
    assert_clean
}

test_concurrent_containers() {
    bundle
    local jobs=() job
    for job in 1 2 3 4 5 6; do
        mkdir "$T/b$job"
        jq ".linux.cgroupsPath = \"$(cgroups_path "$ID-$job")\" | .root.path = \"$ROOTFS\"
            | .process.args = [\"/payload\", \"echo\", \"$job\"]" \
            "$BUNDLE/config.json" >"$T/b$job/config.json"
    done
    for job in 1 2 3 4 5 6; do
        background rt run --bundle "$T/b$job" "$ID-$job"
        jobs+=("$JOB")
    done
    for job in "${jobs[@]}"; do
        finish_job "$job"
        assert_equal "$STATUS" 0 "status of one of six"
    done
    for job in 1 2 3 4 5 6; do
        assert_file "$T/background.$job" "$job"
    done
    assert_clean
}

test_concurrent_deletes() {
    bundle
    payload pause
    launch
    local jobs=() job
    for job in 1 2 3 4; do
        background rt delete --force "$ID"
        jobs+=("$JOB")
    done
    for job in "${jobs[@]}"; do
        finish_job "$job"
    done
    assert_clean
}

# A signal that comes at any point of create leaves something that delete --force removes whole.
test_killed_create_is_deleted_whole() {
    strict crun,runc "a create that was killed leaves cgroups that no command finds again"
    bundle
    payload pause
    configure
    local delay
    for delay in 0.001 0.002 0.003 0.004 0.005 0.006 0.008 0.010 0.012 0.015 0.020 0.030; do
        background rt create --bundle "$BUNDLE" "$ID"
        sleep $delay
        kill -KILL "$JOB" 2>/dev/null || true
        finish_job "$JOB"
        ok rt delete --force "$ID"
        assert_clean
    done
    ok rt create --bundle "$BUNDLE" "$ID"
}

test_killed_run_is_deleted_whole() {
    bundle
    payload fork-sleep 2
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    eventually grep -q ready "$JOB_OUT"
    kill -KILL "$JOB"
    finish_job "$JOB"
    ok rt delete --force "$ID"
    assert_clean
}

test_root_is_private() {
    bundle
    payload pause
    rmdir "$STATE"
    create_ok
    assert_match "$(stat -c %a "$STATE")" '^7[01][01]$'
}

test_missing_arguments() {
    local command
    for command in create start state kill delete run; do
        fails rt $command
    done
}

test_unknown_command_and_flag() {
    bundle
    configure
    fails rt frobnicate
    fails rt create --frobnicate --bundle "$BUNDLE" "$ID"
    fails rt --frobnicate list
    assert_clean
}

test_too_many_arguments() {
    strict crun "it ignores arguments after the id"
    bundle
    configure
    fails rt create --bundle "$BUNDLE" "$ID" more
    fails rt state "$ID" more
    assert_clean
}

test_single_dash_long_options() {
    requires peer-not=crun
    bundle
    configure
    ok rt create -bundle "$BUNDLE" -pid-file "$T/pid" "$ID"
    ok rt delete -force "$ID"
}

test_options_with_an_equals_sign() {
    bundle
    configure
    ok rt create --bundle="$BUNDLE" --pid-file="$T/pid" "$ID"
    assert_file "$T/pid" "$(state .pid)"
}

test_version() {
    ok rt --version
    assert_match "$OUT" "^$KIND version [0-9]"
    assert_match "$OUT" $'\nspec: 1\\.'
}

# The current directory matters only where a path starts from it.
test_working_directory_that_is_gone() {
    requires runtime=apus
    bundle
    payload true
    configure
    mkdir "$T/gone"
    cd "$T/gone"
    rmdir "$T/gone"
    fails rt create "$ID"
    assert_contains "$ERR" "--bundle: the path is relative and the current directory is gone"
    fails rt create --bundle bundle "$ID"
    assert_contains "$ERR" "the current directory is gone"
    # A default configuration is not written to the root of the host instead.
    fails rt spec
    assert_contains "$ERR" "cannot write config.json"
    ok rt run --bundle "$BUNDLE" "$ID"
    assert_clean
    mkdir "$T/"$'odd\xff'
    cd "$T/"$'odd\xff'
    ok rt spec
    [ -s config.json ] || fail "config.json is not here"
    fails rt create "$ID"
    assert_contains "$ERR" "its name is not UTF-8"
    cd "$T"
}
