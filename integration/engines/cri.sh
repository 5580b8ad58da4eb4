# shellcheck shell=bash
# Kubernetes' way: containerd's CRI plugin with the runtime as a runtime class, called by gRPC.
# title: CRI plugin of containerd 1.6.20
PEER=runc
# shellcheck source=integration/engines/pods.sh
source "$HERE/pods.sh"

engine_start() {
    mkdir -p "$T/cni" "$T/logs"
    containerd_settings io.containerd.internal.v1.opt
    pods_settings false
    cat >"$T/cni/10-test.conflist" <<'END'
{"cniVersion": "0.4.0", "name": "test", "plugins": [{"type": "bridge", "bridge": "pods0",
 "isGateway": true, "ipam": {"type": "host-local", "subnet": "10.88.0.0/24"}}]}
END
    containerd_up cri Version
    pods_images
}

engine_clean() {
    pods_clean
}

engine_stop() {
    containerd_down
}

# the service is ready and knows the runtime class
case_ready() {
    ok cri Status
    says '"RuntimeReady"'
    fails cri RunPodSandbox \
        '{"config": {"metadata": {"name": "x", "uid": "x", "namespace": "x"}},
        "runtime_handler": "other"}'
}

# a sandbox: run, status, list, stop, remove
case_pod() {
    pod
    ok cri PodSandboxStatus "{\"pod_sandbox_id\": \"$POD\", \"verbose\": true}"
    equal "$(jq -r .status.runtime_handler <<<"$OUT")" "$KIND"
    ok cri ListPodSandbox
    says "$POD"
    ok cri StopPodSandbox "{\"pod_sandbox_id\": \"$POD\"}"
    ok cri PodSandboxStatus "{\"pod_sandbox_id\": \"$POD\"}"
    equal "$(jq -r '.status.state' <<<"$OUT")" 1
    ok cri RemovePodSandbox "{\"pod_sandbox_id\": \"$POD\"}"
    ok cri ListPodSandbox
    lacks "$OUT" "$POD"
}

# a container: log, status, exit code
case_container() {
    pod
    container main '.envs = [{key: "A", value: "b"}] | .working_dir = "/tmp"' sh -c \
        'echo $A $(pwd); exit 3'
    eventually exited
    equal "$(jq -r .status.exit_code <<<"$OUT")" 3
    contains "$(cat "$C/main.log")" "stdout F b /tmp"
    ok cri RemoveContainer "{\"container_id\": \"$ID\"}"
}

# exec sync: output, status, a command that does not exist, a time limit
case_exec_sync() {
    pod
    container main . sleep 1000
    inside sh -c 'echo out; exit 9'
    equal "$TEXT $CODE" "out 9"
    fails cri ExecSync "{\"container_id\": \"$ID\", \"cmd\": [\"no-such\"], \"timeout\": 10}"
    contains "$ERR" "executable file not found in \$PATH"
    fails cri ExecSync "{\"container_id\": \"$ID\", \"cmd\": [\"sleep\", \"20\"], \"timeout\": 1}"
    see late "${ERR%%:*}"
    inside true
    equal "$CODE" 0
}

# containers of a pod share network, IPC and UTS; with shared PID also the processes
case_shared() {
    pod '.linux.security_context.namespace_options.pid = 0 '
    container one '.linux.security_context.namespace_options.pid = 0' sleep 4321
    local first=$PID
    container two '.linux.security_context.namespace_options.pid = 0' sleep 1000
    local kind
    for kind in net ipc uts pid; do
        equal "$(readlink "/proc/$PID/ns/$kind")" "$(readlink "/proc/$first/ns/$kind")"
    done
    inside ps -o args
    contains "$TEXT" 'sleep 4321'
}

# a pod network by CNI: address, and one container reaches the other
case_network() {
    pod '.linux.security_context.namespace_options.network = 0'
    local own='.linux.security_context.namespace_options.network = 0'
    container web "$own" sh -c 'echo page >/tmp/index.html; httpd -f -p 8080 -h /tmp'
    container client "$own" sleep 1000
    local n
    for n in 1 2 3 4 5; do
        inside wget -qO- http://127.0.0.1:8080/
        [ "$CODE" != 0 ] || break
        sleep 0.3
    done
    equal "$TEXT" page
    inside ip addr show eth0
    contains "$TEXT" "inet 10.88.0."
}

# resources and their update
case_resources() {
    pod
    container main '.linux.resources = {cpu_quota: 50000, cpu_period: 100000, cpu_shares: 512,
        memory_limit_in_bytes: 67108864, oom_score_adj: 500}' sleep 1000
    see memory "$(limits memory)"
    see cpu "$(limits cpu)"
    equal "$(cat "/proc/$PID/oom_score_adj")" 500
    ok cri UpdateContainerResources \
        "{\"container_id\": \"$ID\", \"linux\":
        {\"cpu_quota\": 25000, \"cpu_period\": 100000, \"memory_limit_in_bytes\": 50331648}}"
    see memory-after "$(limits memory)"
    see cpu-after "$(limits cpu)"
}

# stats of one container and of all
case_stats() {
    pod
    container main . sh -c 'while :; do :; done'
    sleep 0.5
    ok cri ContainerStats "{\"container_id\": \"$ID\"}"
    [ "$(jq -r .stats.cpu.usage_core_nano_seconds.value <<<"$OUT")" -gt 10000000 ] || fail \
        "no time used"
    [ "$(jq -r .stats.memory.working_set_bytes.value <<<"$OUT")" -gt 10000 ] || fail \
        "no memory used"
    ok cri ListContainerStats
    says working_set_bytes
}

# security: user, groups, capabilities, read-only root, no_new_privs, seccomp, privileged
case_security() {
    pod
    container user '.linux.security_context += {run_as_user: {value: 1000}, 
        supplemental_groups: [2000],
        readonly_rootfs: true, no_new_privs: true, seccomp: {profile_type: 0},
        capabilities: {add_capabilities: ["NET_ADMIN"], drop_capabilities: ["CHOWN"]}}' sleep 1000
    inside sh -c 'id; grep -E "Cap|NoNewPrivs|Seccomp:" /proc/self/status; touch /x 2>&1'
    see user "$TEXT $CODE"
    container root '.linux.security_context += {seccomp: {profile_type: 1}}' sleep 1000
    inside sh -c 'grep -E "Cap|NoNewPrivs|Seccomp:" /proc/self/status; cat /proc/kcore | wc -c'
    see root "$TEXT $CODE"
}

# mounts: read-only, propagation from the host
case_mounts() {
    mkdir "$C/dir"
    echo host >"$C/dir/file"
    pod
    container main ".mounts = [{container_path: \"/m\", host_path: \"$C/dir\", readonly: true}]" \
        sleep 1000
    inside sh -c 'cat /m/file; touch /m/x 2>/dev/null || echo refused'
    equal "$TEXT" $'host\nrefused'
}

# stop: a handled signal, and a kill after the time
case_stop() {
    pod
    container polite . sh -c 'trap "exit 12" TERM; echo ready; while :; do sleep 0.1; done'
    eventually grep -q ready "$C/polite.log"
    ok cri StopContainer "{\"container_id\": \"$ID\", \"timeout\": 10}"
    status_of
    equal "$(jq -r .status.exit_code <<<"$OUT")" 12
    container deaf . sleep 1000
    ok cri StopContainer "{\"container_id\": \"$ID\", \"timeout\": 1}"
    status_of
    equal "$(jq -r .status.exit_code <<<"$OUT")" 137
    ok cri RemoveContainer "{\"container_id\": \"$ID\"}"
}

# out of memory has its reason
case_oom() {
    pod
    container main '.linux.resources = {memory_limit_in_bytes: 16777216}' tail /dev/zero
    eventually exited
    see oom "$(jq -r '.status.reason, .status.exit_code' <<<"$OUT")"
}

# a command that cannot be started
case_errors() {
    pod
    local word
    for word in no-such /no/such /data/plain /data; do
        config="{\"metadata\": {\"name\": \"x${word//\//-}\"},
            \"image\": {\"image\": \"docker.io/library/bb:latest\"},
            \"command\": [\"$word\"], \"linux\": {}}"
        ok cri CreateContainer \
            "{\"pod_sandbox_id\": \"$POD\", \"config\": $config, \"sandbox_config\": $CONFIG}"
        ID=$(jq -r .container_id <<<"$OUT")
        fails cri StartContainer "{\"container_id\": \"$ID\"}"
        see "kind${word//\//-}" "${ERR%%:*}"
        status_of
        see "status${word//\//-}" \
            "$(jq -r '.status.state, .status.exit_code, .status.reason' <<<"$OUT" | tr '\n' ' ')"
    done
}
