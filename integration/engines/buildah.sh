# shellcheck shell=bash
# buildah: `run` and `bud` with isolation `oci`, as buildah calls a runtime without conmon.
# title: buildah 1.28.2
PEER=crun
ENGINE_CGROUPS='/[a-z-]*'

engine_start() {
    cp -R /etc/containers "$T/etc"
    mount --bind "$T/etc" /etc/containers
    cat >/etc/containers/storage.conf <<END
[storage]
driver = "overlay"
graphroot = "$T/graph"
runroot = "$T/run"
END
    echo containers:2147483647:2147483648 >"$T/ids"
    mount --bind "$T/ids" /etc/subuid
    mount --bind "$T/ids" /etc/subgid
    local container
    container=$(buildah from scratch)
    buildah add "$container" "$IMAGES/bb.tar" /
    buildah config --env PATH=/bin --cmd /bin/sh "$container"
    buildah commit "$container" bb
    buildah rm "$container"
}

engine_clean() {
    buildah rm -a
}

engine_stop() {
    buildah rmi -af
    umount "$T/graph/overlay"
}

# from [FLAG...]: a working container named $NAME
from() {
    ok buildah from --name "$NAME" --cgroup-parent "/$TAG/$NAME" --network none "$@" localhost/bb
}

# in the container: flags and words of `buildah run`
run() {
    buildah run --runtime "$RUNTIME" --isolation oci --network none "$@"
}

# run: output, status, standard input
case_run() {
    from
    ok run "$NAME" -- echo hello
    equal "$OUT" hello
    status 7 run "$NAME" -- sh -c 'exit 7'
    ok bash -c "echo typed | buildah run --runtime $RUNTIME --isolation oci $NAME -- cat"
    equal "$OUT" typed
}

# run -t: a terminal
case_run_tty() {
    from
    tty 'tty; echo $((6*7))\nexit 5\n' buildah run --runtime "$RUNTIME" --isolation oci -t "$NAME" \
        -- sh
    says /dev/pts/0 42
    equal "$STATUS" 5
}

# run: user, folder, environment, hostname, added and dropped capabilities
case_run_options() {
    from
    ok buildah config --user app --workingdir /tmp --env A=b "$NAME"
    ok run --hostname box "$NAME" -- sh -c 'id -u; pwd; echo $A; hostname'
    equal "$OUT" $'1000\n/tmp\nb\nbox'
    ok run --user root --cap-add CAP_SYS_ADMIN --cap-drop CAP_CHOWN "$NAME" -- grep Cap \
        /proc/self/status
    see caps "$OUT"
}

# run -v and --mount
case_run_mounts() {
    from
    mkdir "$C/dir"
    echo host >"$C/dir/file"
    ok run -v "$C/dir:/m:ro" "$NAME" -- sh -c 'cat /m/file; touch /m/x 2>/dev/null || echo refused'
    equal "$OUT" $'host\nrefused'
    ok run --mount type=tmpfs,dst=/t,tmpfs-size=1m "$NAME" -- touch /t/x
}

# from with limits: --memory, --cpu-quota, --ulimit, --shm-size
case_limits() {
    from --memory 64m --cpu-quota 50000 --ulimit nofile=100:200 --shm-size 2m
    ok run "$NAME" -- sh -c \
        'ulimit -n; df -k /dev/shm | tail -n 1; cut -d : -f 2,3 /proc/self/cgroup | sort'
    see inside "$(tr -s ' ' <<<"$OUT" | grep -v buildah-)"
}

# a user namespace
case_userns() {
    from --userns-uid-map 0:100000:5000 --userns-gid-map 0:100000:5000
    ok run "$NAME" -- sh -c 'cat /proc/self/uid_map; id -u; touch /tmp/x && stat -c %u /tmp/x'
    see userns "$(tr -s ' ' <<<"$OUT")"
}

# namespaces of the host
case_namespaces() {
    from --pid host --ipc host
    ok run "$NAME" -- sh -c 'readlink /proc/self/ns/pid; readlink /proc/self/ns/ipc'
    equal "$OUT" "$(readlink /proc/self/ns/pid /proc/self/ns/ipc)"
}

# bud: RUN as root and as a user, with a tmpfs, a cache and a secret
case_bud() {
    mkdir "$C/context"
    echo hidden >"$C/secret"
    cat >"$C/context/Dockerfile" <<'END'
FROM localhost/bb
ARG WORD=none
RUN echo built-$WORD >/built && id -u >>/built
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x
RUN --mount=type=secret,id=word cat /run/secrets/word >>/built
RUN --mount=type=cache,target=/cache echo kept >/cache/file
RUN --mount=type=cache,target=/cache cat /cache/file >>/built
USER app
RUN id -un >/home/app/who
END
    # The cache of a mount is there.
    export TMPDIR=$C
    ok buildah bud --runtime "$RUNTIME" --isolation oci --network none --build-arg WORD=well \
        --cgroup-parent "/$TAG/$NAME" --secret "id=word,src=$C/secret" -t "$NAME" "$C/context"
    ok buildah from --name "$NAME" "localhost/$NAME"
    ok run "$NAME" -- cat /built /home/app/who
    equal "$OUT" $'built-well\n0\nhidden\nkept\napp'
    fails buildah bud --runtime "$RUNTIME" --isolation oci --network none - \
        <<<$'FROM localhost/bb\nRUN exit 3'
}

# what run and bud say beside the output
case_words() {
    from
    ok run "$NAME" -- true
    see run "$ERR"
    mkdir "$C/context"
    printf 'FROM localhost/bb\nRUN true\nUSER app\nRUN true\n' >"$C/context/Dockerfile"
    ok buildah bud --runtime "$RUNTIME" --isolation oci --network none --cgroup-parent "/$TAG/$NAME-bud" \
        -t "$NAME" "$C/context"
    see bud "$(sed -E 's/[0-9a-f]{11,64}/ID/g' <<<"$ERR")"
}

# errors: no such command, not executable
case_errors() {
    from
    fails run "$NAME" -- no-such
    see none "$STATUS"
    fails run "$NAME" -- /data/plain
    see plain "$STATUS"
}
