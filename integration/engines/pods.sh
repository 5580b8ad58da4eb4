# shellcheck shell=bash
# Pods by containerd's CRI plugin: what `cri` and `driver` share.
CTR="ctr -a $T/containerd.sock -n k8s.io"
POD_PARENT=/$TAG

# pods_settings true|false: the plugin's part of containerd.toml; whether systemd makes the cgroups
pods_settings() {
    mkdir -p "$T/cni"
    cat >>"$T/containerd.toml" <<END
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "docker.io/library/pause:latest"
restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$T/cni"
[plugins."io.containerd.grpc.v1.cri".containerd]
default_runtime_name = "$KIND"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$KIND]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.$KIND.options]
BinaryName = "$RUNTIME"
SystemdCgroup = $1
END
}

pods_images() {
    $CTR images import "$IMAGES/bb.docker.tar"
    $CTR images import "$IMAGES/pause.docker.tar"
}

pods_clean() {
    local id
    for id in $(cri ListPodSandbox | jq -r '.items[]?.id'); do
        cri StopPodSandbox "{\"pod_sandbox_id\": \"$id\"}"
        cri RemovePodSandbox "{\"pod_sandbox_id\": \"$id\"}"
    done
}

# cri METHOD [JSON]
cri() {
    /usr/bin/python3 "$HERE/cri_client.py" "$T/containerd.sock" "RuntimeService/$1" "${2-"{}"}"
}

# pod [FILTER]: a sandbox with the runtime class; its id is in POD and its configuration in CONFIG.
pod() {
    CONFIG=$(jq -n "{metadata: {name: \"$NAME\", uid: \"$NAME\", namespace: \"default\"},
        log_directory: \"$C\", linux: {cgroup_parent: \"$POD_PARENT\", security_context:
        {namespace_options: {network: 2, pid: 1}}}} | ${1-.}")
    ok cri RunPodSandbox "{\"config\": $CONFIG, \"runtime_handler\": \"$KIND\"}"
    POD=$(jq -r .pod_sandbox_id <<<"$OUT")
}

# container NAME FILTER WORD...: started in the pod; its id is in ID.
container() {
    local name=$1 filter=$2 config
    shift 2
    config=$(jq -n "{metadata: {name: \"$name\"}, image: {image: \"docker.io/library/bb:latest\"},
        command: \$ARGS.positional, log_path: \"$name.log\",
        linux: {security_context: {namespace_options: {network: 2, pid: 1}}}} | $filter" \
        --args -- "$@")
    ok cri CreateContainer "{\"pod_sandbox_id\": \"$POD\", \"config\": $config,
        \"sandbox_config\": $CONFIG}"
    ID=$(jq -r .container_id <<<"$OUT")
    ok cri StartContainer "{\"container_id\": \"$ID\"}"
    PID=$($CTR tasks ls | awk -v id="$ID" '$1 == id { print $2 }')
}

# inside WORD...: by ExecSync; the output is in TEXT and the status in CODE.
inside() {
    ok cri ExecSync "$(jq -n "{container_id: \"$ID\", cmd: \$ARGS.positional, timeout: \
        10}" --args -- "$@")"
    TEXT=$(jq -r '.stdout // ""' <<<"$OUT" | base64 -d)
    CODE=$(jq -r '.exit_code // 0' <<<"$OUT")
}

status_of() {
    ok cri ContainerStatus "{\"container_id\": \"$ID\", \"verbose\": true}"
}

exited() {
    status_of
    [ "$(jq -r .status.state <<<"$OUT")" = 2 ]
}
