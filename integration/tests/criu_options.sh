# What the options of checkpoint and restore do, with CRIU itself.
#
# needs peer-not=crun criu
#
# CRIU changes options of the hierarchy that all tests share, until the runtime sets them again.
# serial
# shellcheck shell=bash
# shellcheck source=integration/criu_lib.sh
source "$HERE/criu_lib.sh"

# --- Connections and sockets ------------------------------------------------------------------

test_tcp_established() {
    bundle
    payload connect , trap USR1 , exchange again , trap USR2 , pause
    create_piped
    refused "Connected TCP socket"
    checkpoint --tcp-established
    assert_clean
    restore_fails "Connected TCP socket in image"
    restore_piped --tcp-established
    answers USR1
    wait_output exchange=ok
}

test_tcp_close() {
    bundle
    payload connect , trap USR1 , exchange again , trap USR2 , pause
    create_piped
    checkpoint --tcp-established
    restore_piped --tcp-close
    answers USR1
    eventually grep -qE "exchange=(EPIPE|ENOTCONN|ECONNRESET)" "$T/container.out"
}

test_tcp_skip_in_flight() {
    bundle
    payload connect pending , trap USR1 , pause
    create_piped
    refused "In-flight" --tcp-established
    checkpoint --tcp-established --tcp-skip-in-flight
    restore_piped --tcp-established
    answers USR1
}

test_network_lock() {
    bundle
    payload connect , trap USR1 , exchange again , trap USR2 , exchange again , pause
    mkdir "$T/bin"
    # shellcheck disable=SC2016 # the words of another shell
    printf '#!/bin/sh\necho "$@" >>"%s/rules"\nexec %s "$@"\n' "$T" \
        "$(command -v iptables-restore)" >"$T/bin/iptables-restore"
    chmod 755 "$T/bin/iptables-restore"
    export PATH=$T/bin:$PATH
    create_piped
    # CRIU 3.17 cannot unlock a network namespace that it restores: the table has another name there.
    checkpoint --tcp-established --network-lock nftables --leave-running
    [ ! -e "$T/rules" ] || fail "iptables was used: $(cat "$T/rules")"
    answers USR1
    wait_output exchange=ok
    rm -r "$T/images"
    checkpoint --tcp-established --network-lock iptables
    [ -e "$T/rules" ] || fail "iptables was not used"
    restore_piped --tcp-established --network-lock iptables
    answers USR2
    wait_output exchange=ok
}

test_ext_unix_sk() {
    bundle
    # The other end must be in the same network namespace: CRIU looks no further.
    without_namespace network
    mkdir "$T/sockets"
    background "$PAYLOAD" manager "$T/sockets/socket"
    eventually grep -q listening "$JOB_OUT"
    # A restore connects to the path that the other end is bound to.
    mount_entry "$T/sockets" bind "$T/sockets" rbind
    payload datagram "$T/sockets/socket" , exchange before , trap USR1 , exchange after , pause
    create_piped
    eventually grep -q message=before "$JOB_OUT"
    refused "xternal"
    checkpoint --ext-unix-sk
    restore_piped --ext-unix-sk
    answers USR1
    eventually grep -q message=after "$JOB_OUT"
}

test_empty_ns() {
    bundle
    payload trap USR1 , loopback , trap USR2 , pause
    create_piped
    nsenter -n -t "$(state .pid)" ip link add bridge7 type bridge
    checkpoint --leave-running
    ok rt checkpoint --image-path "$T/empty" --empty-ns network "$ID"
    restore_piped
    nsenter -n -t "$(state .pid)" ip link show bridge7
    ok rt delete --force "$ID"
    piped rt restore --bundle "$BUNDLE" --image-path "$T/empty" --detach --empty-ns network "$ID"
    wait_restored
    ! nsenter -n -t "$(state .pid)" ip link show bridge7 || fail "the network is not empty"
    answers USR1
}

# --- Files ------------------------------------------------------------------------------------

test_file_locks() {
    bundle
    payload lock /lock , trap USR1 , pause
    create_piped
    refused "file locks"
    checkpoint --file-locks
    flock -n "$ROOTFS/lock" true
    restore_piped --file-locks
    ! flock -n "$ROOTFS/lock" true || fail "the lock is lost"
    answers USR1
}

test_link_remap() {
    bundle
    payload unlinked /gone /link , trap USR1 , reread , pause
    create_piped
    refused "link-remap"
    checkpoint --link-remap
    restore_piped
    answers USR1
    wait_output reread=kept
    assert_equal "$(ls "$ROOTFS")" "$(printf 'dev\nlink\npayload\nproc\nsys')"
}

# --- Memory -----------------------------------------------------------------------------------

# blocks DIRECTORY: how much of the images of the memory is on the disk, in KiB.
blocks() {
    du -ck "$1"/pages-*.img | tail -n 1 | cut -f 1
}

filled_again() {
    [ "$(grep -c fill=ok "$T/container.out")" = 2 ]
}

test_auto_dedup() {
    local flag before
    for flag in "" --auto-dedup; do
        bundle
        payload fill 16 1 , trap USR1 , fill 16 2 , trap USR2 , filled 2 , trap HUP , pause
        create_piped
        ok rt checkpoint --pre-dump --image-path "$T/older" "$ID"
        before=$(blocks "$T/older")
        answers USR1
        eventually filled_again
        checkpoint --parent-path ../older ${flag:+"$flag"}
        if [ -z "$flag" ]; then
            assert_equal "$(blocks "$T/older")" "$before"
            rm -r "$T/older" "$T/images" "$BUNDLE"
        fi
    done
    [ "$(blocks "$T/older")" -lt $((before / 2)) ] || fail "nothing was dropped of $before KiB"
    restore_piped --auto-dedup
    answers USR2
    wait_output filled=yes
}

# is_listening PORT: whether somebody waits for connections of TCP.
is_listening() {
    ss -Hltn "sport = :$1" | grep -q .
}

test_page_server() {
    bundle
    payload fill 16 1 , trap USR1 , filled 1 , trap USR2 , pause
    create_piped
    mkdir "$T/images"
    ip link set lo up
    background criu page-server --images-dir "$T/images" --address 127.0.0.1 --port 27277 -v4 \
        -o server.log
    local server=$JOB
    eventually is_listening 27277
    ok rt checkpoint --image-path "$T/rest" --page-server 127.0.0.1:27277 "$ID"
    finish_job "$server"
    assert_equal "$STATUS" 0 "status of the page server"
    ! ls "$T"/rest/pages-*.img 2>/dev/null || fail "the memory is with the rest"
    cp "$T"/rest/* "$T/images"
    restore_piped
    answers USR1
    wait_output filled=yes
}

test_lazy_pages() {
    bundle
    payload fill 16 1 , trap USR1 , filled 1 , trap USR2 , pause
    create_piped
    ip link set lo up
    mkfifo "$T/status"
    background rt checkpoint --image-path "$T/images" --lazy-pages --page-server 127.0.0.1:27277 \
        --status-fd 5 "$ID" 5<>"$T/status"
    local checkpoint=$JOB
    timeout 60 head -c 1 "$T/status" >"$T/byte" || fail "no byte: $(cat "$JOB_OUT")"
    assert_equal "$(od -An -tx1 "$T/byte")" " 00"
    mkdir "$T/work"
    background criu lazy-pages --page-server --address 127.0.0.1 --port 27277 -D "$T/images" \
        -W "$T/work" -v4 -o lazy.log
    local lazy=$JOB other=$ID
    eventually grep -q "Waiting for incoming connections" "$T/work/lazy.log"
    ID=$ID-b
    edit ".linux.cgroupsPath = \"$(cgroups_path)\""
    configure
    piped rt restore --bundle "$BUNDLE" --image-path "$T/images" --work-path "$T/work" --detach \
        --lazy-pages "$ID"
    wait_restored
    answers USR1
    wait_output filled=yes
    finish_job "$checkpoint"
    assert_equal "$STATUS" 0 "status of the checkpoint"
    finish_job "$lazy"
    assert_equal "$STATUS" 0 "status of the lazy pages"
    ID=$other
    fails rt state "$ID"
}

# --- Cgroups ----------------------------------------------------------------------------------

test_cgroups_mode_ignore() {
    answering
    create_piped
    checkpoint --manage-cgroups-mode ignore
    edit ".linux.cgroupsPath = \"$(cgroups_path "$ID-other")\""
    configure
    restore_piped --manage-cgroups-mode ignore
    assert_contains "$(cat "/proc/$(state .pid)/cgroup")" "$ID-other"
    answers USR1
}

test_cgroups_below() {
    requires cgroup-v2
    local mode
    for mode in soft full; do
        answering '.linux.resources.pids.limit = 50'
        create_piped
        local cgroup
        cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(state .pid)/cgroup")
        mkdir "$cgroup/inner"
        checkpoint --manage-cgroups-mode "$mode"
        assert_clean
        restore_piped --manage-cgroups-mode "$mode"
        assert_file "$cgroup/pids.max" 50
        [ -d "$cgroup/inner" ] || fail "no inner cgroup with $mode"
        answers USR1
        ok rt delete --force "$ID"
        rm -r "$T/images" "$BUNDLE"
    done
}

# CRIU's strict mode: everything is made anew. The container's own cgroup is the runtime's, so that
# looks itself whether somebody else has made it.
test_cgroups_mode_strict() {
    requires cgroup-v2
    answering '.linux.resources.pids.limit = 50'
    create_piped
    local cgroup
    cgroup=/sys/fs/cgroup$(sed -n 's/^0:://p' "/proc/$(state .pid)/cgroup")
    mkdir "$cgroup/inner"
    checkpoint --manage-cgroups-mode strict
    assert_clean
    mkdir "$cgroup"
    fails rt restore --bundle "$BUNDLE" --image-path "$T/images" --detach \
        --manage-cgroups-mode strict "$ID"
    assert_contains "$ERR" "the cgroup exists already"
    rmdir "$cgroup"
    assert_clean
    restore_piped --manage-cgroups-mode strict
    assert_file "$cgroup/pids.max" 50
    [ -d "$cgroup/inner" ] || fail "no inner cgroup"
    answers USR1
}

# --- Terminals --------------------------------------------------------------------------------

# Standard streams that are a terminal of the host are no files of the container.
test_terminal_of_the_host() {
    requires runtime=apus
    bundle
    payload trap USR1 , pause
    configure
    background "$PAYLOAD" pty 24x80 - "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    eventually grep -q ready "$JOB_OUT"
    refused "/dev/pts/"
    refused "/dev/pts/" --shell-job
}
