# shellcheck shell=bash
# Podman: pods and builds; the set-up is in podman.sh.

# pods: containers share network, IPC and UTS; stop, start, pause, rm
case_pod() {
    ok podman pod create --name "$NAME" --share net,ipc,uts --cgroup-parent "/$TAG"
    ok podman run -d --pod "$NAME" --name "$NAME-a" bb sh -c \
        'echo page >/tmp/index.html; httpd -f -p 8080 -h /tmp'
    ok podman run -d --pod "$NAME" --name "$NAME-b" bb sleep 1000
    eventually podman exec "$NAME-b" wget -qO- http://127.0.0.1:8080/
    ok podman exec "$NAME-a" touch /dev/shm/shared
    ok podman exec "$NAME-b" ls /dev/shm
    says shared
    ok podman pod pause "$NAME"
    ok podman pod unpause "$NAME"
    ok podman pod top "$NAME" args
    says httpd 'sleep 1000'
    ok podman pod stats --no-stream "$NAME"
    ok podman pod stop -t 0 "$NAME"
    ok podman pod start "$NAME"
    ok podman exec "$NAME-b" true
    ok podman pod rm -f -t 0 "$NAME"
}

# a pod that shares the PID namespace, with limits of its own
case_pod_pid() {
    ok podman pod create --name "$NAME" --share pid,net --cgroup-parent "/$TAG" --memory 64m --cpus 0.5
    ok podman run -d --pod "$NAME" --name "$NAME-a" bb sleep 4321
    ok podman run --rm --pod "$NAME" bb ps -o args
    says 'sleep 4321'
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME-a")
    see group "$(sed 's/[0-9a-f]\{64\}/ID/g' "/proc/$PID/cgroup" | sed -n "s|.*:memory:.*/$TAG|TAG|p")"
    see memory "$(cat "$(dirname "$(cgroup "$PID" memory)")/memory.limit_in_bytes")"
    see cpu "$(cat "$(dirname "$(cgroup "$PID" cpu)")/cpu.cfs_quota_us")"
    ok podman pod rm -f -t 0 "$NAME"
}

# kube play and down
case_kube() {
    cat >"$C/pod.yaml" <<END
apiVersion: v1
kind: Pod
metadata: {name: $NAME}
spec:
  containers:
  - name: main
    image: localhost/bb:latest
    command: [/bin/sh, -c, "echo \$GREETING; trap 'exit 0' TERM; while :; do /bin/sleep 0.1; done"]
    env: [{name: GREETING, value: hello}]
    resources: {limits: {memory: 64Mi, cpu: 500m}}
    securityContext: {readOnlyRootFilesystem: true, runAsUser: 1000}
END
    ok podman play kube --network none "$C/pod.yaml"
    eventually bash -c "podman logs $NAME-main | grep hello"
    PID=$(podman inspect -f '{{.State.Pid}}' "$NAME-main")
    see memory "$(limits memory)"
    see cpu "$(limits cpu)"
    ok podman exec "$NAME-main" /bin/sh -c '/bin/id -u; /bin/touch /x || echo refused'
    equal "$OUT" $'1000\nrefused'
    ok podman play kube --down "$C/pod.yaml"
    fails podman container exists "$NAME-main"
    fails podman pod exists "$NAME"
}

# build with RUN, as root and as a user, with a cache mount and a build argument
case_build() {
    mkdir -p "$C/context"
    cat >"$C/context/Dockerfile" <<'END'
FROM localhost/bb
ARG WORD=none
RUN echo built-$WORD >/built && id -u >>/built
RUN --mount=type=cache,target=/cache echo kept >/cache/file
RUN --mount=type=cache,target=/cache cat /cache/file >>/built
USER app
RUN id -un >/home/app/who
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x
CMD cat /built /home/app/who
END
    # The cache of a mount is there.
    export TMPDIR=$C
    ok podman build --runtime "$RUNTIME" --cgroup-parent "/$TAG/build" --isolation oci --network \
        none \
        --build-arg WORD=well -t "$NAME" "$C/context"
    ok pm run --rm "$NAME"
    equal "$OUT" $'built-well\n0\nkept\napp'
    fails podman build --runtime "$RUNTIME" --isolation oci --network none - \
        <<<$'FROM localhost/bb\nRUN exit 3'
}

# a Debian root file system: dynamic programs, RUN of dpkg
case_debian() {
    ok podman import "$IMAGES/debian.tar" debian
    ok pm run --rm debian bash -c 'perl -e "print 6*7"; dpkg -l libc6 | tail -n 1 | cut -c 1-2'
    equal "$OUT" 42ii
}
