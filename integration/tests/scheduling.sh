# Scheduler, I/O priority, processors and personality of the process, as the kernel tells them.
# shellcheck shell=bash

test_nothing_is_changed_by_default() {
    bundle
    payload sched , ioprio , personality
    local before
    before=$("$PAYLOAD" sched , ioprio , personality)
    run_ok
    assert_equal "$OUT" "$before" "scheduling"
}

test_scheduler_batch() {
    differs crun,runc "versions of this age lack it"
    bundle '.process.scheduler = {policy: "SCHED_BATCH", nice: 7}'
    unless_unsupported
    payload sched
    run_ok
    assert_line policy=3 nice=7
}

test_scheduler_other_and_idle() {
    differs crun,runc "versions of this age lack it"
    bundle '.process.scheduler = {policy: "SCHED_OTHER", nice: 5}'
    unless_unsupported
    payload sched
    run_ok
    assert_line policy=0 nice=5
    edit '.process.scheduler = {policy: "SCHED_IDLE"}'
    run_ok
    assert_line policy=5
}

test_scheduler_that_contradicts_itself() {
    differs crun,runc "versions of this age lack it"
    local scheduler
    for scheduler in '{policy: "SCHED_WEATHER"}' '{nice: 3}' '{policy: "SCHED_OTHER", nice: 40}' \
        '{policy: "SCHED_OTHER", priority: 3}' '{policy: "SCHED_FIFO", priority: 200}'; do
        bundle ".process.scheduler = $scheduler"
        create_fails
    done
}

test_io_priority() {
    differs crun,runc "versions of this age lack it"
    bundle '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
    unless_unsupported
    payload ioprio
    run_ok
    assert_line ioprio=2:6
    edit '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 0}'
    run_ok
    assert_match "$(value ioprio)" '^3:'
}

test_io_priority_out_of_range() {
    differs crun,runc "versions of this age lack it"
    local priority
    for priority in '{class: "IOPRIO_CLASS_BE", priority: 8}' \
        '{class: "IOPRIO_CLASS_WEATHER", priority: 1}' '{priority: 1}'; do
        bundle ".process.ioPriority = $priority"
        create_fails
    done
}

test_personality() {
    differs runc "1.1 lacks it"
    bundle '.linux.personality = {domain: "LINUX32"}'
    unless_unsupported
    payload personality , hostname
    run_ok
    assert_line personality=0x8 machine=i686
    edit '.linux.personality = {domain: "LINUX"}'
    run_ok
    assert_line personality=0x0
}

# The specification names no flag: one that is given cannot be honoured.
test_personality_flags() {
    strict crun,runc "flags are ignored"
    bundle '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'
    create_fails
    assert_contains "$ERR" 'linux/personality/flags: unknown flag "ADDR_NO_RANDOMIZE"'
    edit '.linux.personality.flags = []'
    run_ok
}

test_unknown_personality() {
    differs runc "1.1 lacks it"
    bundle '.linux.personality = {domain: "MINIX"}'
    create_fails
}

# affinity LIST: a caller that is bound to processor 0 makes a container that may use all, and so
# does `exec`.
unbound() {
    assert_equal "$(value cpus)" "$1" "processors of $2"
}

test_affinity_of_the_caller() {
    differs crun,runc "before 1.22 and 1.3.1 the program inherits it (Linux 6.2)"
    bundle
    payload sched
    configure
    (($(nproc) > 1)) || skip "needs two processors"
    local all
    run_ok
    all=$(value cpus)
    ok taskset -c 0 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    unbound "$all" run
    # A process of a pid namespace is the second one; without it is the first.
    without_namespace pid
    configure
    ok taskset -c 0 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    unbound "$all" "run without pid namespace"
    payload pause
    configure
    ok taskset -c 0 "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" "$ID"
    ok taskset -c 0 "$RUNTIME" --root "$STATE" exec "$ID" /payload sched
    unbound "$all" exec
}

test_affinity_within_the_cpuset() {
    differs crun,runc "before 1.22 and 1.3.1 the program inherits it (Linux 6.2)"
    requires cgroup-v1
    bundle '.linux.resources.cpu = {cpus: "1"}'
    payload sched
    configure
    (($(nproc) > 1)) || skip "needs two processors"
    ok taskset -c 0 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    unbound 1 run
}

test_affinity_of_exec() {
    requires runtime=apus
    bundle
    payload pause
    (($(nproc) > 1)) || skip "needs two processors"
    launch
    ok rt exec "$ID" /payload sched
    local all
    all=$(value cpus)
    exec_with '{final: "1"}' 1
    exec_with '{initial: "0", final: "1"}' 1
    # Without a final one the container's own processors count (runtime-spec, "Linux Process").
    exec_with '{initial: "0"}' "$all"
    exec_with '{}' "$all"
}

# exec_with AFFINITY CPUS: a process with execCPUAffinity, called by one that is bound to 0.
exec_with() {
    jq -n "{cwd: \"/\", args: [\"/payload\", \"sched\"], user: {uid: 0, gid: 0},
        execCPUAffinity: $1}" >"$T/process.json"
    ok taskset -c 0 "$RUNTIME" --root "$STATE" exec --process "$T/process.json" "$ID"
    unbound "$2" "exec with $1"
}
