# features: what engines read when they start, and that it is true.
# shellcheck shell=bash

# feature FILTER
feature() {
    jq -e "$1" "$T/out" >/dev/null || fail "not so: $1 in $OUT"
}

test_what_engines_read() {
    differs runc "1.1.5 calls it an experiment"
    differs crun "1.8 has fewer members"
    ok rt features
    feature '.ociVersionMin == "1.0.0"'
    feature '.ociVersionMax | startswith("1.")'
    feature '.hooks == ["prestart", "createRuntime", "createContainer", "startContainer", "poststart",
        "poststop"]'
    feature '.mountOptions | index("rro") and index("rbind") and . == sort'
    feature '.linux.namespaces | sort == ["cgroup", "ipc", "mount", "network", "pid", "time", "user", "uts"]'
    feature '.linux.capabilities | index("CAP_SYS_ADMIN") and index("CAP_CHECKPOINT_RESTORE")'
    feature '.linux.cgroup.v1 and .linux.cgroup.v2'
}

test_every_member_is_there() {
    requires runtime=apus
    ok rt features
    feature '.linux | has("seccomp") and has("apparmor") and has("selinux") and has("intelRdt") and
        has("memoryPolicy") and has("mountExtensions") and has("netDevices")'
    feature '.linux.mountExtensions.idmap | has("enabled")'
    feature '.linux.seccomp | has("enabled")'
    feature '.linux.cgroup | has("systemd") and has("systemdUser") and has("rdma")'
    feature '.annotations | has("run.apus.version") and has("io.github.seccomp.libseccomp.version")'
    feature '.annotations["org.opencontainers.runc.checkpoint.enabled"] == "true"'
    feature 'has("potentiallyUnsafeConfigAnnotations")'
}

# A property whose feature is not enabled is refused, one that is enabled is not.
test_features_are_true() {
    requires runtime=apus
    bundle '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}'
    configure
    ok rt features
    local enabled
    enabled=$(jq .linux.seccomp.enabled "$T/out")
    capture rt plan --bundle "$BUNDLE"
    if [ "$enabled" = true ]; then
        assert_equal "$STATUS" 0 "a filter is possible"
    else
        assert_contains "$ERR" "not supported"
    fi
}

test_arguments_are_ignored() {
    requires runtime=apus
    ok rt features something
}
