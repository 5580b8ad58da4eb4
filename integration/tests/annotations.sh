# Annotations that change what the runtime does, as crun has them.
# shellcheck shell=bash

# annotate NAME VALUE
annotate() {
    edit ".annotations.\"$1\" = \"$2\""
}

# with_groups COMMAND...: with supplementary groups of the caller's.
with_groups() {
    setpriv --groups 4242,4343 "$@"
}

groups_of_run() {
    configure
    capture with_groups "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" 0 "status"
    GROUPS_SEEN=$(value groups)
}

test_keep_original_groups() {
    requires peer-not=runc
    command -v setpriv >/dev/null || skip "needs setpriv"
    bundle '.process.user.additionalGids = [7]'
    payload id
    groups_of_run
    assert_contains ",$GROUPS_SEEN," ,7,
    refute_contains "$GROUPS_SEEN" 4242
    annotate run.oci.keep_original_groups 1
    groups_of_run
    assert_contains "$GROUPS_SEEN" 4242
    assert_contains "$GROUPS_SEEN" 4343
    refute_contains ",$GROUPS_SEEN," ,7,
}

test_keep_original_groups_turned_off() {
    requires runtime=apus
    command -v setpriv >/dev/null || skip "needs setpriv"
    bundle
    payload id
    annotate run.oci.keep_original_groups 0
    groups_of_run
    refute_contains "$GROUPS_SEEN" 4242
}

test_pidfd_receiver() {
    requires runtime=apus
    bundle
    payload pause
    annotate run.oci.pidfd_receiver "$T/receiver.sock"
    background "$PAYLOAD" descriptor "$T/receiver.sock"
    eventually grep -q listening "$JOB_OUT"
    create_ok
    finish_job "$JOB"
    assert_equal "$(sed -n 's/^pid=//p' "$JOB_OUT")" "$(state .pid)" "pid of the descriptor"
    # The process of an exec is not sent there.
    ok rt start "$ID"
    ok rt exec "$ID" /payload true
}

test_pidfd_receiver_that_is_missing() {
    requires runtime=apus
    bundle
    annotate run.oci.pidfd_receiver "$T/nowhere"
    create_fails
    assert_contains "$ERR" run.oci.pidfd_receiver
    assert_contains "$ERR" "$T/nowhere"
}

test_relative_paths() {
    requires runtime=apus
    local name
    for name in run.oci.pidfd_receiver run.oci.hooks.stdout run.oci.hooks.stderr \
        run.oci.seccomp.receiver org.criu.config; do
        bundle
        annotate "$name" relative
        create_fails
        assert_contains "$ERR" "annotations/$name"
    done
}

# hook KIND WORD...: one hook that is the payload, on the host or in the container.
hook() {
    local kind=$1 path=$PAYLOAD
    shift
    if [ "$kind" = startContainer ]; then path=/payload; fi
    edit ".hooks.$kind += [{path: \"$path\", args: $(json_strings payload "$@")}]"
}

test_output_of_hooks() {
    requires runtime=apus
    bundle
    payload true
    annotate run.oci.hooks.stdout "$T/hooks.out"
    annotate run.oci.hooks.stderr "$T/hooks.err"
    local kind
    for kind in prestart createRuntime createContainer startContainer poststart poststop; do
        hook "$kind" echo "from $kind"
    done
    echo before >"$T/hooks.out"
    configure
    ok rt create --bundle "$BUNDLE" "$ID"
    ok rt start "$ID"
    wait_state stopped
    ok rt delete "$ID"
    assert_equal "$OUT$ERR" "" "output of delete"
    assert_file "$T/hooks.out" "before
from prestart
from createRuntime
from createContainer
from startContainer
from poststart
from poststop"
    assert_file "$T/hooks.err" ""
    assert_equal "$(stat -c %a "$T/hooks.err")" 600 "mode of the new file"
}

test_errors_of_hooks() {
    requires runtime=apus
    local kind
    for kind in createRuntime createContainer; do
        bundle
        rm -f "$T/hooks.err"
        annotate run.oci.hooks.stderr "$T/hooks.err"
        hook "$kind" nosuchcommand
        create_fails
        assert_contains "$(cat "$T/hooks.err")" nosuchcommand
        assert_contains "$ERR" "hooks/$kind/0"
    done
}

test_output_of_hooks_that_cannot_be_opened() {
    requires runtime=apus
    local kind
    for kind in createRuntime createContainer; do
        bundle
        annotate run.oci.hooks.stdout "$T/missing/out"
        hook "$kind" true
        create_fails
        assert_contains "$ERR" "$T/missing/out"
    done
    # Without hooks nothing is opened.
    bundle
    annotate run.oci.hooks.stdout "$T/missing/out"
    create_ok
}

test_mount_context_type() {
    requires runtime=apus
    bundle
    annotate run.oci.mount_context_type nonsense
    create_fails
    assert_contains "$ERR" run.oci.mount_context_type
    assert_contains "$ERR" nonsense
    [ ! -e /sys/fs/selinux/enforce ] || skip "needs a host without SELinux"
    bundle
    annotate run.oci.mount_context_type rootcontext
    create_fails
    assert_contains "$ERR" SELinux
}

test_unknown_system_call() {
    requires runtime=apus
    bundle '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["nosuchcall", "acct"], action: "SCMP_ACT_ERRNO"}]}'
    # Twice: what is cached must not hide it.
    run_ok
    run_ok
    annotate run.oci.seccomp_fail_unknown_syscall 1
    create_fails
    assert_contains "$ERR" nosuchcall
    edit '.linux.seccomp.syscalls[0].names = ["acct"]'
    run_ok
}

notifying() {
    edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
        {names: ["acct"], action: "SCMP_ACT_NOTIFY"}]}'
}

test_seccomp_receiver() {
    requires runtime=apus
    bundle
    payload pause
    notifying
    create_fails
    assert_contains "$ERR" listenerPath
    annotate run.oci.seccomp.receiver "$T/agent.sock"
    create_fails
    assert_contains "$ERR" "$T/agent.sock"
    background "$PAYLOAD" console "$T/agent.sock" "$T/agent.out"
    eventually grep -q listening "$JOB_OUT"
    create_ok
}

test_seccomp_receiver_of_the_environment() {
    requires runtime=apus
    bundle
    payload pause
    notifying
    export RUN_OCI_SECCOMP_RECEIVER=$T/agent.sock
    create_fails
    assert_contains "$ERR" "$T/agent.sock"
    # The configuration and the annotation count more.
    annotate run.oci.seccomp.receiver "$T/annotation.sock"
    create_fails
    assert_contains "$ERR" "$T/annotation.sock"
    edit ".linux.seccomp.listenerPath = \"$T/listener.sock\""
    create_fails
    assert_contains "$ERR" "$T/listener.sock"
}

test_criu_configuration_is_accepted() {
    bundle
    annotate org.criu.config /etc/criu/mine.conf
    run_ok
}

test_annotations_of_others_change_nothing() {
    bundle
    annotate org.opencontainers.image.stopSignal SIGQUIT
    annotate run.oci.nobody.knows x
    payload true
    create_ok
    assert_equal "$(rt state "$ID" | jq -r '.annotations."run.oci.nobody.knows"')" x annotation
}

test_features_name_them() {
    requires runtime=apus
    ok rt features
    jq -e '.potentiallyUnsafeConfigAnnotations | index("run.oci.") and index("org.criu.config")
            and index("org.systemd.property.")' \
        "$T/out" >/dev/null || fail "$OUT"
}

# bpf WORD...: instructions, each as CODE:TRUE:FALSE:OPERAND, in base64.
bpf() {
    python3 - "$@" <<'END'
import base64, struct, sys
code = b"".join(struct.pack("=HBBI", *(int(n, 0) for n in w.split(":"))) for w in sys.argv[1:])
print(base64.b64encode(code).decode())
END
}

# A filter that answers uname (63 on x86-64) with EMLINK, and lets all else through.
test_compiled_filter() {
    requires peer-not=runc
    [ "$(uname -m)" = x86_64 ] || skip "the filter is for x86-64"
    bundle
    payload call uname
    annotate run.oci.seccomp_bpf_data \
        "$(bpf 0x20:0:0:0 0x15:0:1:63 0x06:0:0:0x5001f 0x06:0:0:0x7fff0000)"
    run_status 1
    assert_line uname=EMLINK
    # Also in the place of a profile, and for exec.
    edit '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO"}'
    run_status 1
    assert_line uname=EMLINK
    payload pause
    launch
    wait_output ready
    capture rt exec "$ID" /payload call uname
    assert_contains "$OUT" uname=EMLINK
}

test_compiled_filter_that_is_none() {
    requires runtime=apus
    local text
    bundle
    payload true
    for text in '' AAAA AAAAAAAAAAA AAAAAAAAAAA== 'AAAAAAAAAAA*' AAAAAAAAAAB=; do
        annotate run.oci.seccomp_bpf_data "$text"
        create_fails
        assert_contains "$ERR" "annotations/run.oci.seccomp_bpf_data: expected instructions"
    done
    # Eight bytes that are no program.
    annotate run.oci.seccomp_bpf_data //////////8=
    run_fails
    assert_contains "$ERR" EINVAL
}

test_plugins_are_refused() {
    requires runtime=apus
    bundle
    payload true
    annotate run.oci.seccomp.plugins /some/library.so
    create_fails
    assert_contains "$ERR" "annotations/run.oci.seccomp.plugins: no library is loaded"
}

test_hierarchy_of_version_1() {
    requires peer-not=runc
    grep -q 'name=systemd' /proc/self/mountinfo || skip "needs systemd's hierarchy of version 1"
    bundle '.linux.namespaces += [{type: "cgroup"}]'
    mount_entry /sys/fs/cgroup cgroup cgroup nosuid nodev noexec
    payload cat /proc/self/mountinfo
    annotate run.oci.systemd.force_cgroup_v1 /sys/fs/cgroup
    run_ok
    assert_match "$OUT" " /sys/fs/cgroup .* tmpfs "
    assert_match "$OUT" " / /sys/fs/cgroup/systemd .* cgroup .*name=systemd"
    assert_equal "$(grep -c ' /sys/fs/cgroup/' <<<"$OUT")" 1 "hierarchies"
}

test_hierarchy_of_version_1_needs_a_namespace() {
    requires runtime=apus
    bundle '.linux.namespaces |= map(select(.type != "cgroup"))'
    mount_entry /sys/fs/cgroup cgroup cgroup nosuid nodev noexec
    payload true
    annotate run.oci.systemd.force_cgroup_v1 /sys/fs/cgroup
    create_fails
    assert_contains "$ERR" "a cgroup namespace is needed"
    annotate run.oci.systemd.force_cgroup_v1 /other
    run_ok
    assert_contains "$(cat "$T/container.err" 2>/dev/null) $ERR" "no mount has this destination"
}
