# linux.netDevices: devices of the host move into the container. The host is a network namespace of
# the test's own, in which the runtime is started.
# shellcheck shell=bash

# host_devices: the runtime runs in a new network namespace with a pair veth0 and veth1.
host_devices() {
    differs crun,runc "versions of this age lack linux.netDevices"
    command -v ip >/dev/null || skip "needs iproute2"
    hold_namespaces --net
    on_host ip link add veth0 type veth peer name veth1 2>/dev/null || skip "needs veth"
    on_host ip link set lo up
    bundle
    capabilities CAP_NET_ADMIN
}

on_host() {
    nsenter -t "$HOLDER" -n "$@"
}

# host_run STATUS: `run` with that namespace as the host's.
host_run() {
    configure
    capture on_host "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_equal "$STATUS" "$1" "status of run: $ERR"
}

# A container that stays, started there; CONTAINER is its pid.
host_launch() {
    payload pause
    configure
    on_host "$RUNTIME" --root "$STATE" run --detach --bundle "$BUNDLE" "$ID" \
        >"$T/container.out" 2>"$T/container.err" </dev/null 9>&- ||
        fail "run: $(cat "$T/container.err")"
    CONTAINER=$(state .pid)
}

in_container() {
    nsenter -t "$CONTAINER" -n "$@"
}

test_device_moves_with_its_addresses() {
    host_devices
    on_host ip address add 192.0.2.7/24 broadcast 192.0.2.255 dev veth0
    on_host ip address add 2001:db8::7/64 dev veth0 nodad
    on_host ip address add 169.254.1.1/16 scope link dev veth0
    on_host ip link set veth0 up
    edit '.linux.netDevices = {veth0: {}}'
    host_launch
    local addresses
    addresses=$(in_container ip -o address show dev veth0)
    assert_contains "$addresses" "inet 192.0.2.7/24 brd 192.0.2.255 scope global"
    assert_contains "$addresses" "inet6 2001:db8::7/64 scope global"
    refute_contains "$addresses" 169.254.1.1
    assert_contains "$(in_container ip -o link show dev veth0)" ",UP"
    refute_contains "$(on_host ip -o link)" veth0
    assert_contains "$(on_host ip -o link)" veth1
}

test_device_gets_another_name() {
    host_devices
    edit '.linux.netDevices = {veth0: {name: "lan0"}, veth1: {name: "lan%d"}}'
    host_launch
    assert_contains "$(in_container ip -o link)" " lan0@"
    assert_contains "$(in_container ip -o link)" " lan1@"
    assert_contains "$(in_container ip -o link show dev lan0)" ",UP"
    refute_contains "$(on_host ip -o link)" veth
}

test_name_that_is_taken_inside() {
    host_devices
    on_host ip address add 192.0.2.7/24 dev veth0
    edit '.linux.netDevices = {veth0: {name: "lo"}}'
    host_run 1
    assert_contains "$ERR" "linux/netDevices/veth0: the container has a network device lo already"
    assert_contains "$(on_host ip -o address)" 192.0.2.7/24
    assert_clean_but_holder
}

test_device_that_is_missing() {
    host_devices
    edit '.linux.netDevices = {veth9: {}}'
    host_run 1
    assert_contains "$ERR" "linux/netDevices/veth9: the host has no network device veth9"
}

# The container fails after the move: the device is back with name, address and state.
test_failure_brings_the_device_back() {
    host_devices
    on_host ip address add 192.0.2.7/24 dev veth0
    on_host ip link set veth0 up
    edit '.linux.netDevices = {veth0: {name: "lan0"}}'
    edit '.process.args = ["/no-such-program"]'
    host_run 1
    assert_contains "$(on_host ip -o address)" 192.0.2.7/24
    assert_contains "$(on_host ip -o link show dev veth0)" ",UP"
    assert_clean_but_holder
}

# The residue of the container alone: the holder of the namespaces still runs.
assert_clean_but_holder() {
    [ -z "$(find_cgroups)" ] || fail "a cgroup is left"
    [ -z "$(ls "$STATE")" ] || fail "state is left"
}

test_devices_need_a_network_namespace() {
    differs crun,runc "versions of this age lack linux.netDevices"
    bundle '.linux.netDevices = {veth0: {}}'
    without_namespace network
    create_fails
    assert_contains "$ERR" "linux/netDevices: network devices need a network namespace"
}

test_names_that_are_none() {
    requires runtime=apus
    local name
    for name in a/b 'a b' 0123456789abcdef .. 'x%s' 'x%d%d'; do
        bundle ".linux.netDevices = {veth0: {name: \"$name\"}}"
        create_fails
        assert_contains "$ERR" "cannot name a network device"
    done
    bundle '.linux.netDevices = {veth0: {name: "x"}, veth1: {name: "x"}}'
    create_fails
    assert_contains "$ERR" "another device is called x inside"
}

test_device_moves_into_a_user_namespace() {
    requires user-namespaces
    host_devices
    user_namespace
    on_host ip address add 192.0.2.7/24 dev veth0
    edit '.linux.netDevices = {veth0: {name: "lan0"}}'
    host_launch
    assert_contains "$(in_container ip -o address show dev lan0)" "192.0.2.7/24"
}
