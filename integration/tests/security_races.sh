# Races: while containers start, a process on the host exchanges what the runtime is about to use,
# as another container with the same volume would, each time for RACE_SECONDS (default 2). A start may
# fail then; it may never touch what is outside of the rootfs, or leave out a mount or a mask.
# serial
# shellcheck shell=bash

SECONDS_EACH=${RACE_SECONDS:-2}

# outside: a folder that no container may reach.
outside() {
    mkdir -p "$T/outside/sub" "$T/outside/empty"
    echo canary >"$T/outside/secret"
    echo file >"$T/outside/file"
    listing >"$T/listing"
}

listing() {
    (cd "$T/outside" && find . -printf '%p %y %m %U %G %s %l\n' | sort)
}

# race CHECK: runs the container again and again until the racer ends; CHECK looks at each run.
race() {
    local check=$1 rounds=0
    configure
    while kill -0 "$JOB" 2>/dev/null; do
        capture rt run --bundle "$BUNDLE" "$ID"
        "$check"
        diff <(listing) "$T/listing" >&2 || fail "outside of the rootfs was changed"
        refute_contains "$OUT" canary
        rounds=$((rounds + 1))
    done
    grep -q '^swaps=[1-9]' "$JOB_OUT" || fail "the racer did not run: $(cat "$JOB_OUT")"
    ((rounds > 1)) || fail "only $rounds rounds"
    assert_clean
}

anything() {
    :
}

# volume: a folder that container and racer share; `x` is a folder or a link out of it, by turns.
volume() {
    outside
    mkdir -p "$T/volume/x/sub"
    ln -s "$T/outside" "$T/volume/y"
    background "$PAYLOAD" swap "$T/volume/x" "$T/volume/y" "$SECONDS_EACH"
    bundle
    mount_entry /volume none "$T/volume" rbind
}

mounted_inside() {
    [ "$STATUS" -ne 0 ] || assert_contains "$OUT" " tmpfs racer "
}

test_mount_target() {
    # CVE-2021-30465
    volume
    mount_entry /volume/x/sub tmpfs racer
    payload mountinfo , ls /volume/x
    race mounted_inside
}

test_missing_mount_target() {
    # CVE-2024-45310: missing folders and files are made on the way.
    volume
    mount_entry /volume/x/made/deep tmpfs racer
    mount_entry /volume/x/new-file bind "$BUNDLE/config.json" bind
    payload mountinfo
    race mounted_inside
}

test_device_target() {
    strict runc "1.1 makes the device where the link leads"
    volume
    edit '.linux.devices = [{type: "c", path: "/volume/x/device", major: 1, minor: 3},
        {type: "p", path: "/volume/x/fifo"}]'
    race anything
}

test_cwd() {
    volume
    edit '.process.cwd = "/volume/x/cwd"'
    payload cwd , ls .
    race anything
}

test_masked_and_read_only_paths() {
    volume
    edit '.linux.maskedPaths = ["/volume/x/sub", "/proc/meminfo"]
        | .linux.readonlyPaths = ["/volume/x", "/proc/sys"]'
    payload stat /proc/meminfo , cat /volume/x/secret
    race masked
}

masked() {
    [[ $OUT != *"/proc/meminfo type"* ]] || assert_contains "$OUT" "rdev=1:3"
}

test_null_device() {
    # CVE-2025-31133: the source of a mask is exchanged for a file that the attacker chose.
    outside
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))
        | .linux.maskedPaths = ["/proc/meminfo", "/masked"]'
    mkdir "$ROOTFS/dev"
    echo unmasked >"$ROOTFS/masked"
    mknod -m 666 "$ROOTFS/dev/null" c 1 3
    ln -s "$T/outside/file" "$ROOTFS/dev/other"
    background "$PAYLOAD" swap "$ROOTFS/dev/null" "$ROOTFS/dev/other" "$SECONDS_EACH"
    payload stat /proc/meminfo , cat /masked
    race unmasked
}

unmasked() {
    [[ $OUT != *"/proc/meminfo type"* ]] || assert_contains "$OUT" "rdev=1:3"
    refute_contains "$OUT" unmasked
}

test_null_device_to_a_file_of_the_image() {
    strict crun,runc "CVE-2025-31133 is open in versions of this age"
    outside
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))
        | .linux.maskedPaths = ["/proc/meminfo"]'
    mkdir "$ROOTFS/dev"
    mknod -m 666 "$ROOTFS/dev/null" c 1 3
    ln -s /proc/sys/kernel/domainname "$ROOTFS/dev/other"
    background "$PAYLOAD" swap "$ROOTFS/dev/null" "$ROOTFS/dev/other" "$SECONDS_EACH"
    payload stat /proc/meminfo
    race masked
}

test_dev_folder() {
    strict crun,runc "CVE-2026-41579 and CVE-2026-47766 are open in versions of this age"
    # CVE-2026-41579
    outside
    touch "$T/outside/ptmx"
    listing >"$T/listing"
    bundle 'del(.mounts[] | select(.destination | startswith("/dev")))'
    mkdir "$ROOTFS/dev"
    ln -s "$T/outside" "$ROOTFS/other"
    background "$PAYLOAD" swap "$ROOTFS/dev" "$ROOTFS/other" "$SECONDS_EACH"
    race anything
}

test_proc_folder() {
    # CVE-2019-19921
    outside
    bundle
    mkdir -p "$ROOTFS/proc" "$ROOTFS/fake/sys/kernel"
    ln -s fake "$ROOTFS/other"
    background "$PAYLOAD" swap "$ROOTFS/proc" "$ROOTFS/other" "$SECONDS_EACH"
    payload statfs /proc/self/status
    race real_proc
}

real_proc() {
    [ "$STATUS" -ne 0 ] || assert_contains "$OUT" magic=0x9fa0
}

test_console() {
    strict crun "CVE-2026-88264 is open"
    # CVE-2025-52565
    outside
    bundle '.process.terminal = true | del(.mounts[] | select(.destination | startswith("/dev")))'
    mkdir -p "$ROOTFS/dev/pts"
    touch "$ROOTFS/dev/console"
    ln -s "$T/outside/console" "$ROOTFS/dev/other"
    mount_entry /dev/pts devpts devpts newinstance ptmxmode=0666
    background "$PAYLOAD" swap "$ROOTFS/dev/console" "$ROOTFS/dev/other" "$SECONDS_EACH"
    payload stat /dev/console
    configure
    local rounds=0
    while kill -0 "$JOB" 2>/dev/null; do
        capture "$PAYLOAD" pty 24x80 - "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
        diff <(listing) "$T/listing" >&2 || fail "outside of the rootfs was changed"
        rounds=$((rounds + 1))
    done
    ((rounds > 1)) || fail "only $rounds rounds"
    assert_clean
}
