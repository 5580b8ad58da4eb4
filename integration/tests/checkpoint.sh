# checkpoint and restore with a stand-in that speaks CRIU's protocol: what is asked of it, and what it
# does only by accident. criu.sh has the same with CRIU itself.
# shellcheck shell=bash

# asked LINE...: the last request has these lines.
asked() {
    local line
    for line in "$@"; do
        grep -qxF -- "$line" "$T/asked" || fail "no '$line' in $(cat "$T/asked")"
    done
}

not_asked() {
    ! grep -qE -- "$1" "$T/asked" || fail "unexpected '$1' in $(cat "$T/asked")"
}

sleeping() {
    bundle
    payload echo hello , pause
    launch
    wait_output ready
}

checkpoint() {
    rm -f "$T/asked"
    ok rt checkpoint --image-path "$T/images" "$@" "$ID"
}

# restored [FLAG...]: in the background, with its output in $T/container.out.
restored() {
    rm -f "$T/asked"
    rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$@" "$ID" \
        >"$T/container.out" 2>"$T/container.err" </dev/null ||
        fail "restore: $(cat "$T/container.err")"
}

test_a_container_ends_and_comes_back() {
    stand_in
    sleeping
    checkpoint
    assert_clean
    asked kind=1 12=1 24=1 50=1 9=4 10=dump.log
    not_asked '^(3|4|5|7|8|16|18|34|46|48|64)='
    restored --pid-file "$T/pid"
    asked kind=2 26=1 6=1 10=restore.log
    assert_state running
    assert_equal "$(cat "$T/pid")" "$(state .pid)"
    wait_output restored
    ok rt pause "$ID"
    assert_state paused
    ok rt resume "$ID"
    ok rt kill "$ID" KILL
    wait_state stopped
    ok rt delete "$ID"
}

test_it_may_run_on() {
    stand_in
    sleeping
    checkpoint --leave-running
    asked 3=1
    assert_state running
    checkpoint --pre-dump
    asked kind=4 15=1
    not_asked '^23'
    assert_state running
    checkpoint --leave-running --parent-path ../images --pre-dump
    asked 14=../images
}

test_options_reach_criu() {
    stand_in
    sleeping
    checkpoint --leave-running --work-path "$T/work" --tcp-established --ext-unix-sk --shell-job \
        --file-locks --tcp-skip-in-flight --link-remap --auto-dedup --lazy-pages \
        --manage-cgroups-mode strict --empty-ns network --network-lock nftables \
        --page-server 10.0.0.1:1234
    asked 3=1 4=1 5=1 7=1 8=1 16=1 18=1 34=5 38=1073741824 46=1 48=1 64=2 11.1=10.0.0.1 11.2=1234
    [ -f "$T/work/dump.log" ] || fail "no log in the work directory"
    checkpoint --manage-cgroups-mode ignore
    asked 34=0
    restored --tcp-established --ext-unix-sk --shell-job --file-locks --tcp-close --lazy-pages \
        --auto-dedup --manage-cgroups-mode full --empty-ns network --lsm-profile apparmor:x \
        --lsm-mount-context context -no-subreaper --no-pivot --work-path "$T/work"
    asked 4=1 5=1 7=1 8=1 16=1 34=4 38=1073741824 48=1 52=1 53=apparmor:x 63=context
    [ -f "$T/work/restore.log" ] || fail "no log in the work directory"
}

test_status_fd() {
    stand_in
    sleeping
    capture rt checkpoint --image-path "$T/images" --lazy-pages --status-fd 7 --leave-running \
        "$ID" 7>"$T/status"
    assert_equal "$STATUS" 0 "status: $ERR"
    assert_equal "$(od -An -tx1 "$T/status")" " 00"
    fails rt checkpoint --image-path "$T/images" --status-fd 33 "$ID"
    assert_contains "$ERR" "--status-fd: descriptor 33 is not open"
    fails rt checkpoint --image-path "$T/images" --status-fd 7 "$ID" 7<"$T/status"
    assert_contains "$ERR" "cannot be written"
    assert_state running
}

test_mounts_of_the_host_are_named() {
    stand_in
    bundle '.linux.maskedPaths = ["/proc/keys", "/proc/tty", "/nothing"]'
    mkdir "$T/data"
    touch "$T/file"
    mount_entry /mnt/data bind "$T/data" rbind
    mount_entry /etc/file bind "$T/file" bind
    payload pause
    launch
    wait_output ready
    checkpoint
    asked 23.1=/mnt/data 23.2=/mnt/data 23.1=/etc/file 23.1=/proc/keys 23.2=/dev/null
    not_asked '23.1=/(proc/tty|nothing)'
    # A fresh copy of the root has no mount points yet.
    rm -r "${ROOTFS:?}/mnt" "${ROOTFS:?}/etc"
    restored
    asked "23.2=$T/data" "23.2=$T/file" 23.1=/dev/null
    [ -d "$ROOTFS/mnt/data" ] || fail "no mount point"
    [ -f "$ROOTFS/etc/file" ] || fail "no mount point of a file"
}

test_namespaces_of_others() {
    stand_in
    hold_namespaces --net
    bundle
    add_namespace network "/proc/$HOLDER/ns/net"
    payload pause
    launch
    wait_output ready
    checkpoint
    asked "37=net[$(stat -Lc %i "/proc/$HOLDER/ns/net")]:extRootNetNS"
    restored
    asked 27.1=extRootNetNS 27.2=4
    edit '.linux.namespaces |= map(if .type == "uts" then .path = "/proc/self/ns/uts" else . end)'
    edit 'del(.hostname)'
    configure
    ok rt delete --force "$ID"
    restored
    asked 39.1=uts 39.2=/proc/self/ns/uts
}

test_namespaces_that_cannot_come_back() {
    stand_in
    local type
    for type in cgroup user; do
        hold_namespaces "--$type"
        bundle
        if [ "$type" = user ]; then
            echo "0 100000 65536" >"/proc/$HOLDER/uid_map"
            echo "0 100000 65536" >"/proc/$HOLDER/gid_map"
            user_namespace
        fi
        add_namespace "$type" "/proc/$HOLDER/ns/$type"
        payload pause
        launch
        wait_output ready
        fails rt checkpoint --image-path "$T/images" "$ID"
        assert_contains "$ERR" "linux/namespaces/"
        assert_contains "$ERR" "criu cannot restore into a $type namespace of others"
        assert_state running
        ok rt delete --force "$ID"
        mkdir "$T/$type"
        echo '["","",""]' >"$T/$type/descriptors.json"
        fails rt restore --bundle "$BUNDLE" --image-path "$T/$type" "$ID"
        assert_contains "$ERR" "criu cannot restore into a $type namespace of others"
        assert_clean
    done
}

test_streams() {
    stand_in
    bundle
    payload echo hello , pause
    configure
    background sh -c '"$0" --root "$1" create --bundle "$2" "$3" | cat' \
        "$RUNTIME" "$STATE" "$BUNDLE" "$ID"
    wait_state created
    ok rt start "$ID"
    eventually grep -q ready "$JOB_OUT"
    checkpoint
    assert_match "$(cat "$T/images/descriptors.json")" '^\["/dev/null","pipe:\[[0-9]+\]",".*"\]$'
    rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$ID" 2>&1 | cat >"$T/container.out" &
    wait_output restored
    asked "27.1=$(jq -r '.[1]' "$T/images/descriptors.json")" 27.2=1
    ok rt delete --force "$ID"
    wait
}

test_hooks_of_a_restore() {
    stand_in
    bundle
    payload pause
    local kind
    for kind in prestart createRuntime createContainer startContainer poststart poststop; do
        edit ".hooks.$kind = [{path: \"/bin/sh\", args: [\"sh\", \"-c\",
            \"test $kind = createContainer -o $kind = startContainer || cat >$T/$kind\"]}]"
    done
    edit 'del(.hooks.createContainer, .hooks.startContainer)'
    launch
    wait_output ready
    checkpoint
    rm -f "$T"/prestart "$T"/createRuntime "$T"/poststart "$T"/poststop
    restored
    assert_equal "$(jq -r .status "$T/prestart")" creating
    assert_equal "$(jq .pid "$T/createRuntime")" "$(state .pid)"
    [ ! -e "$T/poststop" ] || fail "poststop ran"
    ok rt delete --force "$ID"
    [ -e "$T/poststop" ] || fail "poststop did not run"
}

test_a_failing_hook_ends_the_restore() {
    stand_in
    sleeping
    checkpoint
    edit '.hooks.createRuntime = [{path: "/bin/false"}]'
    configure
    fails rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$ID"
    assert_contains "$ERR" "hooks/createRuntime/0 (/bin/false)"
    assert_clean
}

test_foreground() {
    stand_in
    sleeping
    checkpoint
    background rt restore --bundle "$BUNDLE" --image-path "$T/images" "$ID"
    eventually grep -q restored "$JOB_OUT"
    assert_state running
    ok rt kill "$ID" KILL
    finish_job "$JOB"
    assert_equal "$STATUS" 137 "status of restore"
    assert_clean
}

# --- Failures ---------------------------------------------------------------------------------

test_a_refusal_has_the_words_of_the_log() {
    stand_in refuse
    sleeping
    fails rt checkpoint --image-path "$T/images" --work-path "$T/work" "$ID"
    assert_contains "$ERR" "criu failed: type DUMP errno 22: no luck today"
    assert_contains "$ERR" "Error (criu/fake.c:12): The first reason"
    assert_contains "$ERR" "$T/work/dump.log"
    refute_contains "$ERR" FAILED
    assert_state running
    export CRIU_MODE=
    checkpoint
    export CRIU_MODE=refuse
    fails rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach --pid-file "$T/pid" "$ID"
    assert_contains "$ERR" "criu failed: type RESTORE errno 22"
    assert_contains "$ERR" "The image is from another world"
    assert_contains "$ERR" "$T/images/restore.log"
    [ ! -e "$T/pid" ] || fail "the pid file stays"
    assert_clean
}

test_criu_dies() {
    stand_in die
    sleeping
    fails rt checkpoint --image-path "$T/images" "$ID"
    assert_contains "$ERR" "criu failed: it ended early: killed by"
    assert_state running
    ok rt kill "$ID" 0
    export CRIU_MODE=
    checkpoint
    export CRIU_MODE=die
    fails rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach "$ID"
    assert_contains "$ERR" "criu failed: it ended early"
    assert_clean
}

# interrupted SIGNAL STATUS LINE COMMAND...: sends it when the stand-in has written the line; -SIGNAL to
# the whole job, as a terminal does.
interrupted() {
    local signal=${1#-} status=$2 line=$3 group=
    [ "$signal" = "$1" ] || group=-
    shift 3
    rm -f "$T/asked"
    # Job control, so that the shell does not ignore SIGINT for its children.
    set -m
    background "$@"
    set +m
    eventually grep -qsx "$line" "$T/asked"
    kill -"$signal" -- "$group$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" "$status" "status after SIG$signal"
    assert_contains "$(cat "$JOB_OUT")" "interrupted by SIG$signal"
}

test_an_interrupted_checkpoint_is_taken_back() {
    stand_in slow
    sleeping
    interrupted INT 130 slow rt checkpoint --image-path "$T/images" "$ID"
    asked "taken back"
    assert_state running
    interrupted -TERM 143 slow rt checkpoint --image-path "$T/images" --leave-running "$ID"
    asked "taken back"
    export CRIU_MODE=
    checkpoint
    restored
}

test_a_hanging_checkpoint_is_killed() {
    stand_in hang
    sleeping
    interrupted INT 130 hanging rt checkpoint --image-path "$T/images" "$ID"
    assert_state running
}

test_a_second_signal_does_not_wait_for_criu() {
    stand_in hang
    sleeping
    background rt checkpoint --image-path "$T/images" "$ID"
    eventually grep -qsx hanging "$T/asked"
    local begin=$SECONDS
    kill -TERM "$JOB"
    eventually ended_by_signals
    finish_job "$JOB"
    assert_equal "$STATUS" 143
    # In five seconds it would be killed in any case.
    ((SECONDS - begin < 4)) || fail "the second signal waited"
    assert_state running
}

test_a_hanging_checkpoint_of_a_paused_container_is_killed() {
    stand_in hang
    sleeping
    ok rt pause "$ID"
    interrupted HUP 129 hanging rt checkpoint --image-path "$T/images" "$ID"
    assert_state paused
}

ended_by_signals() {
    kill -TERM "$JOB" 2>/dev/null || return 0
    return 1
}

test_an_interrupted_restore_leaves_nothing() {
    stand_in
    sleeping
    edit ".hooks.poststop = [{path: \"/bin/touch\", args: [\"touch\", \"$T/poststop\"]}]"
    configure
    checkpoint
    export CRIU_MODE=hang
    interrupted -INT 130 hanging rt restore --bundle "$BUNDLE" --image-path "$T/images" "$ID"
    assert_clean
    interrupted TERM 143 hanging rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach \
        --pid-file "$T/pid" "$ID"
    assert_clean
    [ ! -e "$T/pid" ] || fail "the pid file stays"
    [ ! -e "$T/poststop" ] || fail "poststop ran without a hook before it"
}

# What the caller has started before is not the restore's, and neither is what comes of it meanwhile: a
# restore in the foreground gets the orphans of its children.
test_children_of_the_caller_live_on() {
    stand_in
    sleeping
    checkpoint
    export CRIU_MODE=hang PAYLOAD T
    local name
    cat >"$T/caller" <<'EOF'
"$PAYLOAD" pause >"$T/pause" & echo $! >"$T/child"
unshare -m "$PAYLOAD" pause >"$T/pause" & echo $! >"$T/unshared"
{
    until grep -qsx hanging "$T/asked"; do sleep 0.02; done
    "$PAYLOAD" pause >"$T/pause" & echo $! >"$T/orphan"
} &
exec "$@"
EOF
    rm -f "$T/asked"
    background sh "$T/caller" "$RUNTIME" --root "$STATE" restore --bundle "$BUNDLE" \
        --image-path "$T/images" "$ID"
    eventually test -s "$T/orphan"
    eventually is_child_of "$JOB" "$(cat "$T/orphan")"
    kill -TERM "$JOB"
    finish_job "$JOB"
    assert_equal "$STATUS" 143 "status after SIGTERM: $(cat "$JOB_OUT")"
    for name in child unshared orphan; do
        # A zombie takes signals, too.
        grep -qs '^State:.[RSD]' "/proc/$(cat "$T/$name")/status" || fail "the $name was killed"
        kill -KILL "$(cat "$T/$name")"
    done
    assert_clean
}

# is_child_of PARENT PID
is_child_of() {
    grep -qw "$2" "/proc/$1/task/$1/children"
}

test_a_hook_of_a_restore_is_interrupted() {
    stand_in
    sleeping
    checkpoint
    printf '#!/bin/sh\necho hook >>"%s"\nsleep 1000\n' "$T/asked" >"$T/hook"
    chmod 755 "$T/hook"
    edit ".hooks.createRuntime = [{path: \"$T/hook\"}] |
        .hooks.poststop = [{path: \"/bin/touch\", args: [\"touch\", \"$T/poststop\"]}]"
    configure
    interrupted TERM 143 hook rt restore --bundle "$BUNDLE" --image-path "$T/images" "$ID"
    assert_clean
    rm "$T/poststop"
    interrupted -INT 130 hook rt restore --bundle "$BUNDLE" --image-path "$T/images" "$ID"
    assert_clean
    [ -e "$T/poststop" ] || fail "poststop did not run"
}

test_what_criu_cannot() {
    stand_in old
    sleeping
    fails rt checkpoint --image-path "$T/images" "$ID"
    assert_contains "$ERR" "criu 3.15 is too old: 3.16 is needed"
    stand_in featureless
    fails rt checkpoint --image-path "$T/images" --pre-dump "$ID"
    assert_contains "$ERR" "cannot tell changed memory on this kernel"
    fails rt checkpoint --image-path "$T/images" --lazy-pages "$ID"
    assert_contains "$ERR" "cannot move memory on demand on this kernel"
    stand_in
    fails rt checkpoint --image-path "$T/images" --network-lock skip "$ID"
    assert_contains "$ERR" "criu 3.17 is too old: 3.18 is needed for --network-lock skip"
    [ ! -e "$T/images/descriptors.json" ] || fail "something was written"
    assert_state running
}

test_without_criu() {
    requires runtime=apus
    sleeping
    fails env PATH=/nowhere "$RUNTIME" --root "$STATE" checkpoint --image-path "$T/images" "$ID"
    assert_contains "$ERR" "need criu, and PATH has none (package criu)"
    [ ! -e "$T/images" ] || fail "the directory stays"
    assert_state running
}

test_states() {
    stand_in
    bundle
    payload pause
    create_ok
    fails rt checkpoint --image-path "$T/images" "$ID"
    assert_contains "$ERR" "container cannot be checkpointed in created state"
    ok rt start "$ID"
    fails rt restore --bundle "$BUNDLE" --image-path "$T" "$ID"
    assert_contains "$ERR" "container with given ID already exists"
    ok rt pause "$ID"
    checkpoint --leave-running
    assert_state paused
    ok rt resume "$ID"
    ok rt kill "$ID" KILL
    wait_state stopped
    fails rt checkpoint --image-path "$T/images" "$ID"
    assert_contains "$ERR" "container cannot be checkpointed in stopped state"
    fails rt checkpoint --image-path "$T/images" nobody
    assert_contains "$ERR" "container does not exist"
}

test_wrong_paths() {
    stand_in
    sleeping
    touch "$T/file"
    fails rt checkpoint --image-path "$T/file" "$ID"
    assert_contains "$ERR" "--image-path: cannot open the directory"
    fails rt checkpoint --image-path "$T/no/where" "$ID"
    assert_contains "$ERR" "--image-path: cannot make the directory"
    fails rt checkpoint --image-path "$T/images" --work-path "$T/file" "$ID"
    assert_contains "$ERR" "--work-path: cannot open the directory"
    [ ! -e "$T/images" ] || fail "the directory of the images stays"
    fails rt checkpoint --image-path "$T/images" --parent-path ../older "$ID"
    assert_contains "$ERR" "--parent-path: no such directory below --image-path: ../older"
    [ ! -e "$T/images" ] || fail "the directory of the images stays"
    mkdir "$T/older"
    checkpoint --parent-path ../older --leave-running
    rm -r "$T/images"
    assert_state running
    checkpoint
    fails rt restore --bundle "$BUNDLE" --image-path "$T/missing" "$ID"
    assert_contains "$ERR" "--image-path: cannot open the directory"
    mkdir "$T/empty"
    fails rt restore --bundle "$BUNDLE" --image-path "$T/empty" "$ID"
    assert_contains "$ERR" "has no checkpoint of a container"
    fails rt restore --bundle "$T" --image-path "$T/images" "$ID"
    assert_contains "$ERR" "config.json not found"
    assert_clean
}

test_probes_of_podman() {
    requires runtime=apus
    ok rt checkpoint --help
    assert_contains "$OUT" "--image-path"
    fails rt restore --lsm-mount-context
    assert_contains "$ERR" "flag needs an argument"
}
