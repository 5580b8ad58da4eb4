# What a hostile image or configuration may try at create and run: links in the places where the
# runtime makes, opens and mounts things, numbers and strings beyond their range, capabilities and
# groups that slip through. The host's files must be as before, whether the container ran or not.
# shellcheck shell=bash

# host_tree: a folder of the host with files in it, whose state is remembered.
host_tree() {
    mkdir -p "$T/host/pts" "$T/host/shm" "$T/host/empty"
    echo canary >"$T/host/file"
    echo null >"$T/host/null"
    chmod 600 "$T/host/file" "$T/host/null"
    fingerprint >"$T/fingerprint"
}

fingerprint() {
    (cd "$T/host" && find . -printf '%p %y %m %U %G %s %T@ %l\n' | sort)
}

assert_host_untouched() {
    diff <(fingerprint) "$T/fingerprint" >&2 || fail "the host was changed"
}

# attempt: runs the container; an error or success may be right, the host is not to be touched.
attempt() {
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    assert_host_untouched
    refute_contains "$OUT" canary
    assert_clean
}

# --- Links in the image -----------------------------------------------------------------------

test_proc_is_a_link() {
    # CVE-2019-19921, CVE-2023-27561
    strict crun "it mounts at the end of the link, inside of the root"
    bundle
    mkdir "$ROOTFS/elsewhere"
    ln -s elsewhere "$ROOTFS/proc"
    create_fails
    assert_contains "$ERR" proc
}

test_sys_is_a_link() {
    strict crun "it mounts at the end of the link, inside of the root"
    bundle
    mkdir "$ROOTFS/elsewhere"
    ln -s elsewhere "$ROOTFS/sys"
    create_fails
    assert_contains "$ERR" sys
}

test_something_else_on_proc() {
    # CVE-2019-16884: labels and sysctls would be written to a file of the image.
    strict crun "it does not look at what is there"
    bundle '(.mounts[] | select(.destination == "/proc")) |= {destination: "/proc", type: "bind",
        source: "fake", options: ["bind"]}'
    mkdir -p "$BUNDLE/fake/self/attr"
    create_fails
    assert_contains "$ERR" /proc
    [ "$KIND" != apus ] || assert_contains "$ERR" "only procfs can be mounted on /proc"
}

test_link_that_leads_below_proc() {
    strict crun,runc "they look at the name of the destination"
    bundle
    mkdir -p "$ROOTFS/run" "$T/fake"
    touch "$T/fake/file"
    ln -s ../proc/sys/kernel "$ROOTFS/run/link"
    mount_entry /run/link tmpfs tmpfs
    create_fails
    assert_contains "$ERR" /proc
    edit '.mounts |= map(select(.destination != "/run/link"))'
    mount_entry /run/link/hostname bind "$T/fake/file" bind
    create_fails
    assert_contains "$ERR" /proc
}

test_dev_is_a_link() {
    strict runc "1.1 makes its links in the folder of the host (CVE-2026-41579)"
    host_tree
    bundle
    ln -s "$T/host" "$ROOTFS/dev"
    payload ls /dev
    attempt
}

test_dev_is_a_link_without_a_mount_there() {
    strict crun,runc "CVE-2026-41579 and CVE-2026-47766 are open in versions of this age"
    # CVE-2026-41579, CVE-2026-47766: links were made, ptmx removed, in a folder of the host.
    host_tree
    touch "$T/host/ptmx"
    fingerprint >"$T/fingerprint"
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))'
    ln -s "$T/host" "$ROOTFS/dev"
    attempt
}

test_entries_of_dev_are_links_without_a_mount_there() {
    # CVE-2026-88264 and 88265: a file made outside, a file of the host as standard stream.
    host_tree
    local name
    for name in null console ptmx pts shm zero tty fd stdin random; do
        rm -rf "$T/bundle"
        bundle 'del(.mounts[] | select(.destination | startswith("/dev")))'
        mkdir "$ROOTFS/dev"
        ln -s "$T/host/$name" "$ROOTFS/dev/$name"
        payload echo ran , writefd 1 overwrite , writefd 2 overwrite
        attempt
    done
}

test_dev_console_is_a_link() {
    strict crun "CVE-2026-88264 is open"
    host_tree
    bundle '.process.terminal = true | del(.mounts[] | select(.destination | startswith("/dev")))'
    mkdir -p "$ROOTFS/dev"
    ln -s "$T/host/console" "$ROOTFS/dev/console"
    mount_entry /dev/pts devpts devpts newinstance ptmxmode=0666
    payload echo ran
    configure
    capture "$PAYLOAD" pty 24x80 - "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_host_untouched
    assert_clean
}

test_dev_pts_is_a_link() {
    host_tree
    bundle '.process.terminal = true | del(.mounts[] | select(.destination | startswith("/dev")))'
    mkdir -p "$ROOTFS/dev"
    ln -s "$T/host/pts" "$ROOTFS/dev/pts"
    mount_entry /dev/pts devpts devpts newinstance ptmxmode=0666
    payload echo ran
    configure
    capture "$PAYLOAD" pty 24x80 - "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_host_untouched
    assert_clean
}

test_pty_of_the_image_is_no_terminal() {
    # CVE-2025-52565: /dev/pts/0 of the image is a file or a link; the runtime opened it by name.
    host_tree
    bundle '.process.terminal = true | del(.mounts[] | select(.destination | startswith("/dev")))'
    mkdir -p "$ROOTFS/dev/pts"
    ln -s "$T/host/file" "$ROOTFS/dev/pts/0"
    mknod -m 666 "$ROOTFS/dev/ptmx" c 5 2
    payload echo ran
    configure
    capture "$PAYLOAD" pty 24x80 - "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_host_untouched
    assert_clean
}

test_null_of_the_image_is_no_source_of_a_mask() {
    strict crun,runc "CVE-2025-31133 is open in versions of this age"
    # CVE-2025-31133: what is bound over a masked path was looked up by name.
    host_tree
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))
        | .linux.maskedPaths = ["/proc/meminfo"]'
    mkdir "$ROOTFS/dev"
    # A file that belongs to the container's own UTS namespace, so that no host is harmed.
    ln -s /proc/sys/kernel/domainname "$ROOTFS/dev/null"
    capabilities CAP_DAC_OVERRIDE
    payload stat /proc/meminfo , hostname
    attempt
    [ "$STATUS" -ne 0 ] || assert_contains "$OUT" rdev=1:3
}

test_masked_path_is_a_link() {
    host_tree
    bundle ".linux.maskedPaths = [\"/link\", \"/link/file\"]
        | .linux.readonlyPaths = [\"/link/empty\"]"
    ln -s "$T/host" "$ROOTFS/link"
    attempt
}

test_cwd_is_a_link() {
    # CVE-2024-45310 and its kin: a missing folder is made inside of the root only.
    host_tree
    bundle '.process.cwd = "/link/made/here"'
    ln -s "$T/host" "$ROOTFS/link"
    payload cwd
    attempt
    [ ! -e "$T/host/made" ] || fail "made on the host"
}

test_program_is_a_link() {
    host_tree
    cp "$PAYLOAD" "$T/host/tool"
    fingerprint >"$T/fingerprint"
    bundle
    ln -s "$T/host/tool" "$ROOTFS/tool"
    edit '.process.args = ["/tool", "echo", "outside"]'
    attempt
    refute_contains "$OUT" outside
}

test_device_and_mount_targets_are_links() {
    host_tree
    bundle '.linux.devices = [{type: "c", path: "/link/new", major: 1, minor: 3},
        {type: "p", path: "/dangling"}]'
    ln -s "$T/host" "$ROOTFS/link"
    ln -s "$T/host/made" "$ROOTFS/dangling"
    mount_entry /link/empty tmpfs tmpfs
    mount_entry /link/other bind "$T/bundle/config.json" bind
    attempt
}

test_tmpcopyup_of_a_link() {
    host_tree
    bundle
    ln -s "$T/host" "$ROOTFS/data"
    mount_entry /data tmpfs tmpfs tmpcopyup
    payload ls /data , cat /data/file
    attempt
}

test_passwd_is_a_link() {
    host_tree
    echo "root:x:0:0::/canary:/bin/sh" >"$T/host/passwd"
    fingerprint >"$T/fingerprint"
    bundle
    mkdir "$ROOTFS/etc"
    ln -s "$T/host/passwd" "$ROOTFS/etc/passwd"
    payload env
    attempt
}

test_passwd_is_a_fifo() {
    strict crun,runc "they wait for a writer for ever"
    bundle
    mkdir "$ROOTFS/etc"
    mkfifo "$ROOTFS/etc/passwd"
    configure
    background rt run --bundle "$BUNDLE" "$ID"
    # Whoever waits for a writer gets one after a while, so that the test can end.
    background timeout 3 sh -c 'sleep 1 && echo "$0" >"$1"' waited "$ROOTFS/etc/passwd"
    finish_job "$(head -n 1 "$T/jobs")"
    finish_job "$JOB"
    assert_equal "$STATUS" 124 "the writer found a reader, its status"
}

# --- The runtime's own file -------------------------------------------------------------------

test_program_of_the_runtime_cannot_be_overwritten() {
    # CVE-2019-5736: an attacker with all the rights of root in the pid namespace that a new
    # container joins looks at the runtime's process there.
    bundle
    capabilities CAP_SYS_PTRACE CAP_DAC_OVERRIDE CAP_DAC_READ_SEARCH
    payload exe-attack 3
    configure
    rt create --bundle "$BUNDLE" "$ID" >"$T/container.out" </dev/null
    local pid before round
    pid=$(state .pid)
    before=$(sha256sum "$RUNTIME")
    mkdir "$T/second"
    jq ".linux.cgroupsPath = \"/$ID-second\" | .root.path = \"$ROOTFS\"
        | .process.args = [\"/payload\", \"true\"]
        | (.linux.namespaces[] | select(.type == \"pid\")).path = \"/proc/$pid/ns/pid\"" \
        "$BUNDLE/config.json" >"$T/second/config.json"
    ok rt start "$ID"
    for round in {1..40}; do
        capture rt run --bundle "$T/second" "$ID-second"
        [ "$(has_state running && echo yes)" = yes ] || break
    done
    ((round > 2)) || fail "only $round rounds"
    wait_state stopped
    OUT=$(cat "$T/container.out")
    assert_line hits=0
    assert_equal "$(sha256sum "$RUNTIME")" "$before" "the runtime's file"
}

test_container_that_runs_the_runtime_again() {
    # The image's program is a link to /proc/self/exe, which is the runtime at that moment.
    bundle
    local before
    before=$(sha256sum "$RUNTIME")
    ln -s /proc/self/exe "$ROOTFS/tool"
    edit '.process.args = ["/tool", "--version"]'
    configure
    capture timeout 10 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_equal "$(sha256sum "$RUNTIME")" "$before" "the runtime's file"
    assert_clean
}

# --- Identity -----------------------------------------------------------------------------------

test_inheritable_capabilities_of_the_caller_stay_out() {
    # CVE-2022-24769, CVE-2022-27650, CVE-2022-29162
    bundle
    payload caps
    configure
    ok setpriv --inh-caps +chown,+kill "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_line inheritable=0 ambient=0
}

test_group_that_is_not_mapped() {
    requires user-namespaces
    bundle '.process.user.additionalGids = [70000]'
    user_namespace
    create_fails
}

test_groups_of_the_caller_stay_out() {
    bundle '.process.user = {uid: 1000, gid: 1000}'
    payload id
    configure
    ok setpriv --groups 4242,4243 "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    refute_contains "$(value groups)" 4242
}

test_setgroups_in_a_user_namespace() {
    requires user-namespaces
    bundle
    user_namespace
    capabilities CAP_SETGID
    payload cat /proc/self/setgroups , setgroups
    run_ok
    assert_line allow setgroups=ok
}

# --- Strings and numbers beyond their range -----------------------------------------------------

long() {
    printf "%0$1d" 0 | tr 0 "${2:-x}"
}

# big_config FILTER: the same as edit, at once, for values that are too long for an argument list.
big_config() {
    configure
    jq -f <(printf '%s' "$1") "$BUNDLE/config.json" >"$BUNDLE/config.json.new"
    mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

test_more_mappings_than_the_kernel_takes() {
    # CVE-2021-43784: the length of a message wrapped around at 64 KiB.
    requires user-namespaces
    bundle
    user_namespace
    big_config '.linux.uidMappings = [range(0; 5000) |
        {containerID: (. * 2), hostID: (100000 + . * 2), size: 1}]
        | .linux.gidMappings = .linux.uidMappings'
    create_fails
}

test_paths_beyond_64_kib() {
    bundle
    configure
    # A word that sed replaces by 70000 bytes, as one name or as many.
    jq '.process.cwd = "/NAME" | .root.path = "ROOT" | .mounts += [{destination: "/MOUNT",
        type: "tmpfs", source: "t"}] | .process.args = ["/PROGRAM"] | .hostname = "HOST"
        | .linux.maskedPaths = ["/MASKED"] | .linux.namespaces[0].path = "/PATH"' \
        "$BUNDLE/config.json" >"$T/stock.json"
    local word one many
    one=$(long 70000)
    many=${one//xx/x/}
    for word in NAME ROOT MOUNT PROGRAM HOST MASKED PATH; do
        put_word "$word" "$one"
        fails_or_ignores $word
        put_word "$word" "$many"
        fails_or_ignores $word
    done
}

# put_word WORD TEXT: the stock configuration with this word replaced, the others made harmless.
put_word() {
    local rest
    rest=$(printf 's|/NAME|/|;s|ROOT|rootfs|;s|/MOUNT|/m|;s|/PROGRAM|/payload|;s|HOST|h|;%s' \
        's|/MASKED|/none|')
    if [ "$1" != PATH ]; then rest+=';/"path": "\/PATH"/d;s|"pid",|"pid"|'; fi
    { printf 's|%s|%s|\n' "$1" "$2" && printf '%s\n' "$rest"; } >"$T/replace.sed"
    sed -f "$T/replace.sed" "$T/stock.json" >"$BUNDLE/config.json"
    EDITS=()
}

# A masked path that cannot exist need not be masked.
fails_or_ignores() {
    capture rt create --bundle "$BUNDLE" "$ID"
    if [ "$STATUS" -eq 0 ]; then
        [ "$1" = MASKED ] || [ "$KIND" != apus ] || fail "created with $1"
        ok rt delete --force "$ID"
    fi
    assert_clean
}

test_long_arguments_and_environment() {
    bundle
    big_config '.process.env += ["LONG=" + ("x" * 100000)] | .process.args = ["/payload", "env"]'
    run_ok
    assert_equal "$(value LONG | wc -c)" 100001 "length"
    big_config '.process.env = ["PATH=/", "LONG=" + ("x" * 200000)]'
    configure
    capture rt run --bundle "$BUNDLE" "$ID"
    [ "$STATUS" -ne 0 ] || fail "longer than the kernel takes"
    assert_clean
}

test_many_mounts() {
    bundle
    big_config '.mounts += [range(0; 300) | {destination: "/m/\(.)", type: "tmpfs", source: "t"}]
        | .process.args = ["/payload", "ls", "/m"]'
    run_ok
    assert_equal "$(wc -l <<<"$OUT")" 300 "mounts"
}

test_deep_json() {
    bundle
    configure
    { printf '{"a":%s' "$(long 100000 '[')"; } >"$BUNDLE/config.json"
    EDITS=()
    create_fails
}

test_bytes_that_are_no_text() {
    strict crun,runc "what is no UTF-8 and what is there twice is let through"
    bundle
    configure
    cp "$BUNDLE/config.json" "$T/stock.json"
    sed 's/apus-test/\xff\xfe/' "$T/stock.json" >"$BUNDLE/config.json"
    create_fails
    sed 's/"hostname"/"hostname": "one", "hostname"/' "$T/stock.json" >"$BUNDLE/config.json"
    create_fails
    sed 's/apus-test/a\\u0000b/' "$T/stock.json" >"$BUNDLE/config.json"
    create_fails
}

test_sysctls_of_the_host_are_refused() {
    local name
    bundle
    configure
    cp "$BUNDLE/config.json" "$T/stock.json"
    for name in kernel.panic kernel.core_pattern kernel/core_pattern vm.overcommit_memory \
        fs.file-max net/../kernel/core_pattern kernel.shm_rmid_forced/../core_pattern; do
        jq ".linux.sysctl = {\"$name\": \"1\"}" "$T/stock.json" >"$BUNDLE/config.json"
        EDITS=()
        create_fails
    done
}

test_sysctls_need_their_namespace() {
    bundle '.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
    without_namespace network
    create_fails
    bundle '.linux.sysctl = {"kernel.msgmax": "9000"}'
    without_namespace ipc
    create_fails
}

test_sysctls_of_the_container() {
    bundle '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9001",
        "kernel/shmmni": "1234", "fs.mqueue.msg_max": "11", "kernel.sem": "100 32000 100 128"}
        | .linux.readonlyPaths = ["/proc/sys"]'
    payload sysctl net.ipv4.ip_forward kernel.msgmax kernel.shmmni fs.mqueue.msg_max kernel.sem
    local before
    before=$("$PAYLOAD" sysctl net.ipv4.ip_forward kernel.msgmax)
    differs crun "1.8 takes dots only"
    run_ok
    assert_line net.ipv4.ip_forward=1 kernel.msgmax=9001 kernel.shmmni=1234 fs.mqueue.msg_max=11 \
        $'kernel.sem=100\t32000\t100\t128'
    assert_equal "$("$PAYLOAD" sysctl net.ipv4.ip_forward kernel.msgmax)" "$before" "host's values"
}
