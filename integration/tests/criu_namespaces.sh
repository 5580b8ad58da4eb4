# Containers that share namespaces or have a user namespace, saved and brought back with CRIU itself.
#
# needs peer-not=crun criu
#
# CRIU changes options of the hierarchy that all tests share, until the runtime sets them again.
# serial
# shellcheck shell=bash
# shellcheck source=integration/criu_lib.sh
source "$HERE/criu_lib.sh"

# comes_back_in TYPE [FILE]: the container goes on in the held namespace.
comes_back_in() {
    create_piped
    checkpoint
    restore_piped
    assert_equal "$(readlink "/proc/$(state .pid)/ns/$1")" "$(readlink "/proc/$HOLDER/ns/${2:-$1}")"
    answers USR1
    answers USR2
}

test_network_of_another() {
    hold_namespaces --net
    answering
    add_namespace network "/proc/$HOLDER/ns/net"
    comes_back_in net
}

test_ipc_of_another() {
    hold_namespaces --ipc
    answering
    add_namespace ipc "/proc/$HOLDER/ns/ipc"
    comes_back_in ipc
}

test_uts_of_another() {
    hold_namespaces --uts
    answering 'del(.hostname)'
    add_namespace uts "/proc/$HOLDER/ns/uts"
    comes_back_in uts
}

test_pid_of_another() {
    background unshare --pid --fork --kill-child "$PAYLOAD" pause
    eventually grep -q ready "$JOB_OUT"
    HOLDER=$(cat "/proc/$JOB/task/$JOB/children")
    HOLDER=${HOLDER% }
    answering
    add_namespace pid "/proc/$HOLDER/ns/pid"
    comes_back_in pid
}

test_time_of_another() {
    hold_namespaces --time
    answering
    add_namespace time "/proc/$HOLDER/ns/time_for_children"
    comes_back_in time time_for_children
}

test_time_namespace() {
    answering
    add_namespace time
    edit '.linux.timeOffsets = {monotonic: {secs: 1000}}'
    create_piped
    checkpoint
    restore_piped
    answers USR1
}

test_cgroup_namespace() {
    answering
    add_namespace cgroup
    create_piped
    checkpoint
    restore_piped
    answers USR1
}

# shares TYPE: the container has the host's.
shares() {
    answering
    without_namespace "$1"
    create_piped
    checkpoint
    restore_piped
    answers USR1
}

test_network_of_the_host() { shares network; }
test_ipc_of_the_host() { shares ipc; }
test_uts_of_the_host() { shares uts; }
test_pid_of_the_host() { shares pid; }

test_user_namespace() {
    answering
    user_namespace
    create_piped
    checkpoint
    restore_piped
    # The images stay as they are.
    assert_equal "$(stat -c "%u:%g" "$T"/images/* | sort -u)" 0:0
    answers USR1
    assert_equal "$(awk '/^Uid/ { print $2 }' "/proc/$(state .pid)/status")" 100000
}
