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

test_unknown_personality() {
    differs runc "1.1 lacks it"
    bundle '.linux.personality = {domain: "MINIX"}'
    create_fails
}

test_affinity_of_the_caller() {
    bundle
    payload sched
    configure
    (($(nproc) > 1)) || skip "needs two processors"
    # The cpuset of the container is what counts, or what the caller has: never something else.
    ok taskset -c 0 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_match "$(value cpus)" "^0(,[0-9]+)*$"
}
