# shellcheck shell=bash
# Podman: privileges, files and namespaces; the set-up is in podman.sh.

# --- Privileges ---------------------------------------------------------------------------------

# --cap-add, --cap-drop, for root and for a user
case_capabilities() {
    local flags
    for flags in "--cap-add SYS_ADMIN" "--cap-drop CHOWN" "--cap-drop ALL --cap-add NET_ADMIN" \
        "--user app" "--user app --cap-add NET_RAW" "--privileged"; do
        # shellcheck disable=SC2086
        capture pm run --rm $flags bb grep -E 'Cap|NoNewPrivs|Seccomp:' /proc/self/status
        see "${flags// /_}" "$STATUS $OUT"
    done
}

# --security-opt seccomp=FILE, unconfined and the default
case_seccomp() {
    cat >"$C/seccomp.json" <<'END'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
  {"names": ["mkdir"], "action": "SCMP_ACT_ERRNO", "errnoRet": 13},
  {"names": ["chmod", "fchmodat"], "action": "SCMP_ACT_ERRNO", "args": [
    {"index": 1, "value": 511, "op": "SCMP_CMP_EQ"}]}]}
END
    fails pm run --rm --security-opt "seccomp=$C/seccomp.json" bb mkdir /x
    contains "$ERR" "Permission denied"
    ok pm run --rm --security-opt seccomp=unconfined bb grep Seccomp: /proc/self/status
    matches "$OUT" 'Seccomp:[[:space:]]0'
    ok pm run --rm bb grep Seccomp: /proc/self/status
    matches "$OUT" 'Seccomp:[[:space:]]2'
    fails pm run --rm bb unshare -m true
}

# --security-opt no-new-privileges, mask=, unmask=
case_security_opt() {
    ok pm run --rm --security-opt no-new-privileges bb grep NoNewPrivs /proc/self/status
    matches "$OUT" 1
    ok pm run --rm --security-opt mask=/data/seed bb cat /data/seed
    equal "$OUT" ""
    ok pm run --rm bb sh -c 'cat /proc/kcore /proc/keys /proc/timer_list | wc -c'
    equal "$OUT" 0
    ok pm run --rm bb sh -c 'echo 1 >/proc/sys/vm/swappiness || echo refused'
    says refused
    ok pm run --rm --security-opt unmask=ALL bb sh -c 'wc -c </proc/timer_list'
    [ "$OUT" -gt 0 ] || fail "still masked"
}

# --privileged
case_privileged() {
    capture pm run --rm --privileged bb sh -c \
        'ls /dev | wc -l; mount -t tmpfs x /tmp && echo mounted'
    see privileged "$STATUS $OUT"
}

# --user by name, number and group; --group-add
case_user() {
    ok pm run --rm --user app bb id
    see name "$OUT"
    ok pm run --rm --user 1234:5678 --group-add extra bb id
    see numbers "$OUT"
    ok pm run --rm --user app --group-add 77 bb sh -c 'id -G; touch /home/app/x && echo wrote'
    see groups "$OUT"
}

# --sysctl, --hostname, --add-host, --dns
case_sysctl_names() {
    ok pm run --rm --sysctl kernel.msgmax=4096 --sysctl net.ipv4.ip_forward=1 --hostname box \
        bb sh -c 'cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward; hostname'
    equal "$OUT" $'4096\n1\nbox'
    ok pm run --rm --network host --add-host peer:192.0.2.1 --dns 192.0.2.53 bb sh -c \
        'grep peer /etc/hosts; cat /etc/resolv.conf'
    matches "$OUT" $'^192.0.2.1\tpeer'
    contains "$OUT" 'nameserver 192.0.2.53'
    fails pm run --rm --sysctl kernel.no_such=1 bb true
    see bad "$STATUS"
}

# --umask, --workdir, --env, --entrypoint, --timeout
case_process_options() {
    ok pm run --rm --umask 0077 --workdir /tmp -e A=b --entrypoint sh bb -c 'umask; pwd; echo $A'
    equal "$OUT" $'0077\n/tmp\nb'
    capture pm run --rm --timeout 2 bb sleep 30
    see timeout "$STATUS"
}

# --init: catatonit is process 1
case_init() {
    up --init
    inside ps -o pid,args
    matches "$OUT" '1 /run/podman-init -- sleep 1000'
}

# --preserve-fds, --pidfile
case_preserve_fds() {
    ok bash -c \
        "echo from-fd >$C/fd; podman run --rm --cgroup-parent /$TAG --preserve-fds 1 bb sh -c 'cat <&3' 3<$C/fd"
    equal "$OUT" from-fd
    up --pidfile "$C/pid"
    equal "$(cat "$C/pid")" "$PID"
}

# --annotation and OCI hooks of a folder
case_hooks() {
    mkdir -p "$C/hooks"
    printf '#!/bin/sh\ncat >%s\n' "$C/state" >"$C/hook"
    chmod +x "$C/hook"
    cat >"$C/hooks/x.json" <<END
{"version": "1.0.0", "hook": {"path": "$C/hook"}, "when": {"annotations": {"^hooked$": "yes"}},
 "stages": ["createRuntime"]}
END
    ok podman --hooks-dir "$C/hooks" run --cgroup-parent "/$TAG" --rm --annotation hooked=yes bb \
        true
    contains "$(cat "$C/state")" '"status"'
    contains "$(cat "$C/state")" hooked
}

# --- Files --------------------------------------------------------------------------------------

# --read-only, with and without a writable /tmp
case_read_only() {
    fails pm run --rm --read-only bb touch /x
    contains "$ERR" "Read-only"
    ok pm run --rm --read-only bb touch /tmp/x
    fails pm run --rm --read-only --read-only-tmpfs=false bb touch /tmp/x
}

# --tmpfs with options
case_tmpfs() {
    ok pm run --rm --tmpfs /scratch:size=1m,mode=700,noexec bb \
        sh -c 'stat -c %a /scratch; grep " /scratch " /proc/self/mountinfo'
    see tmpfs "$(sed 's/^700\n//; s/^[0-9]* [0-9]* [0-9:]* //' <<<"$OUT")"
    fails pm run --rm --tmpfs /scratch:size=64k bb dd if=/dev/zero of=/scratch/x bs=1k count=100
}

# --device, --device-cgroup-rule
case_device() {
    ok pm run --rm --device /dev/loop-control:/dev/lc:r bb ls -l /dev/lc
    see node "$(awk '{ print $1, $3, $4, $5, $6 }' <<<"$OUT")"
    fails pm run --rm --device /dev/full:/dev/f:r bb sh -c 'echo x >/dev/f'
    ok pm run --rm --device-cgroup-rule 'c 10:237 rmw' --cap-add MKNOD bb sh -c \
        'mknod /dev/x c 10 237 && : </dev/x'
    fails pm run --rm --cap-add MKNOD bb sh -c 'mknod /dev/x c 10 237 && : </dev/x'
}

# -v: read-only, propagation, a file, a missing source
case_volume_bind() {
    mkdir -p "$C/dir"
    echo host >"$C/dir/file"
    ok pm run --rm -v "$C/dir:/m:ro" bb sh -c 'cat /m/file; touch /m/x 2>/dev/null || echo refused'
    equal "$OUT" $'host\nrefused'
    ok pm run --rm -v "$C/dir/file:/data/seed" bb cat /data/seed
    equal "$OUT" host
    status 125 pm run --rm -v "$C/none:/m" bb true
    ok pm run --rm -v "$C/dir:/m:rslave" -v "$C/dir:/deep/er/path" bb \
        sh -c \
            'awk "\$5 == \"/m\" { print \$6, \$7 ? \"tagged\" : \"\" }" /proc/self/mountinfo; ls /deep/er/path'
    see slave "${OUT//[0-9]/}"
}

# volumes: named, with contents of the image, :U, nocopy, kept between containers
case_volume_named() {
    ok podman volume create "$NAME"
    ok pm run --rm -v "$NAME:/data" bb cat /data/seed
    equal "$OUT" seed
    ok pm run --rm -v "$NAME:/data" bb sh -c 'echo kept >/data/kept'
    ok pm run --rm -v "$NAME:/data:ro" bb cat /data/kept
    equal "$OUT" kept
    ok pm run --rm -v "$NAME:/data:U" --user app bb touch /data/mine
    ok pm run --rm -v "$NAME-2:/data:nocopy" bb ls /data
    equal "$OUT" ""
    ok podman volume rm "$NAME" "$NAME-2"
}

# --mount type=bind,volume,tmpfs,devpts,image
case_mount_kinds() {
    mkdir -p "$C/dir"
    echo host >"$C/dir/file"
    ok pm run --rm --mount "type=bind,src=$C/dir,dst=/m,ro=true,bind-propagation=rprivate" bb cat \
        /m/file
    ok pm run --rm --mount type=volume,dst=/v bb touch /v/x
    ok pm run --rm --mount type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=1700 bb stat -c %a /t
    equal "$OUT" 1700
    ok pm run --rm --mount type=devpts,dst=/dev/p bb ls /dev/p/ptmx
    ok pm run --rm --mount type=image,src=bb,dst=/i bb cat /i/data/seed
    equal "$OUT" seed
    ok pm run --rm --mount type=image,src=bb,dst=/i,rw=true bb touch /i/x
}

# -v with idmap and an overlay (:O)
case_mount_idmap_overlay() {
    mkdir -p "$C/dir"
    echo host >"$C/dir/file"
    capture pm run --rm -v "$C/dir:/m:O" bb sh -c 'echo over >/m/file; cat /m/file'
    see overlay "$STATUS $OUT"
    equal "$(cat "$C/dir/file")" host
    capture pm run --rm --userns auto -v "$C/dir:/m:idmap" bb stat -c %u /m/file
    see idmap "$STATUS $OUT"
}

# --rootfs: a folder in place of an image
case_rootfs() {
    mkdir -p "$C/root"
    tar -C "$C/root" -xf "$IMAGES/bb.tar"
    ok pm run --rm --rootfs "$C/root" cat /data/seed
    equal "$OUT" seed
    capture pm run --rm --rootfs "$C/root:O" touch /x
    see overlay "$STATUS"
}

# --shm-size, --tz, --secret
case_shm_secret() {
    ok pm run --rm --shm-size 2m bb df -k /dev/shm
    says 2048
    ok pm run --rm --tz Europe/Paris bb date -d @0 '+%Z %H'
    equal "$OUT" "CET 01"
    printf hidden | podman secret create "$NAME" - >/dev/null
    ok pm run --rm --secret "$NAME" bb cat "/run/secrets/$NAME"
    equal "$OUT" hidden
    ok podman secret rm "$NAME"
}

# --- Namespaces ---------------------------------------------------------------------------------

# --userns=auto, --uidmap and --gidmap, --userns=host
case_userns() {
    ok pm run --rm --uidmap 0:100000:5000 --gidmap 0:200000:5000 bb \
        sh -c 'cat /proc/self/uid_map /proc/self/gid_map; id -u; touch /x && stat -c %u:%g /x'
    see map "$(tr -s ' ' <<<"$OUT")"
    ok pm run --rm --uidmap 0:100000:5000 --user app bb sh -c 'id -u; id -g'
    equal "$OUT" $'1000\n1000'
    ok pm run --rm --userns auto:size=2000 bb sh -c 'awk "{ print \$3 }" /proc/self/uid_map'
    equal "$OUT" 2000
    ok pm run --rm --userns host bb cat /proc/self/uid_map
    see host "$(tr -s ' ' <<<"$OUT")"
}

# a user namespace with limits, volumes, a terminal, exec and a read-only root
case_userns_together() {
    up --uidmap 0:100000:5000 --memory 64m --read-only --tmpfs /scratch --cap-add NET_ADMIN
    inside sh -c 'touch /scratch/x && id -u'
    equal "$OUT" 0
    ok podman exec -u app "$NAME" id -u
    equal "$OUT" 1000
    tty 'tty\nexit 3\n' podman exec -it "$NAME" sh
    says /dev/pts/
    equal "$STATUS" 3
    equal "$(stat -c %u "/proc/$PID")" 100000
}

# --userns=container:
case_userns_join() {
    up --uidmap 0:100000:5000
    ok pm run --rm --userns "container:$NAME" bb readlink /proc/self/ns/user
    equal "$OUT" "$(readlink "/proc/$PID/ns/user")"
}

# --network none, host, container:, ns:
case_network() {
    ok pm run --rm --network none bb ls /sys/class/net
    equal "$OUT" lo
    ok pm run --rm --network host bb readlink /proc/self/ns/net
    equal "$OUT" "$(readlink /proc/self/ns/net)"
    up --network none
    ok pm run --rm --network "container:$NAME" bb readlink /proc/self/ns/net
    equal "$OUT" "$(readlink "/proc/$PID/ns/net")"
    ok pm run --rm --network "ns:/proc/$PID/ns/net" bb readlink /proc/self/ns/net
    equal "$OUT" "$(readlink "/proc/$PID/ns/net")"
    ok pm run --rm --network none bb ip link show lo
    contains "$OUT" UP
}

# --ipc private, host, shareable, container:
case_ipc() {
    ok pm run --rm --ipc host bb readlink /proc/self/ns/ipc
    equal "$OUT" "$(readlink /proc/self/ns/ipc)"
    up --ipc shareable
    inside touch /dev/shm/shared
    ok pm run --rm --ipc "container:$NAME" bb sh -c 'readlink /proc/self/ns/ipc; ls /dev/shm'
    equal "$OUT" "$(readlink "/proc/$PID/ns/ipc")"$'\n'shared
    ok pm run --rm --ipc none bb sh -c 'ls -d /dev/shm || echo none'
    see none "$OUT"
}

# --pid host, container:, private
case_pid() {
    ok pm run --rm --pid host bb readlink /proc/self/ns/pid
    equal "$OUT" "$(readlink /proc/self/ns/pid)"
    up
    ok pm run --rm --pid "container:$NAME" bb ps -o args
    says 'sleep 1000'
    ok pm run --rm bb sh -c 'echo $$'
    equal "$OUT" 1
}

# --pid host: stop and kill reach every process of the container
case_pid_host_kill() {
    ok pm run -d --name "$NAME" --pid host bb sh -c 'sleep 4242 & sleep 4242'
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME")
    sleep 0.5
    ok podman rm -f -t 0 "$NAME"
    sleep 0.5
    see left "$(pgrep -fc '^sleep 4242' || true)"
}

# --uts host and private
case_uts() {
    ok pm run --rm --uts host bb readlink /proc/self/ns/uts
    equal "$OUT" "$(readlink /proc/self/ns/uts)"
    ok pm run --rm --uts private --hostname own bb hostname
    equal "$OUT" own
}
