# process.terminal: the pty that is sent over --console-socket, the one of a foreground container,
# its size and modes, /dev/console, and the combinations of options that are refused.
# shellcheck shell=bash

# listen [ACTION]: what an engine does: waits for the terminal, copies it to $T/screen.
listen() {
    background "$PAYLOAD" console "$T/socket" "$T/screen" "$@"
    LISTENER=$JOB LISTENER_OUT=$JOB_OUT
    eventually grep -q listening "$LISTENER_OUT"
}

# on_screen TEXT
on_screen() {
    grep -q -- "$1" "$T/screen" 2>/dev/null
}

# terminal_bundle WORD...: a container with a terminal that runs these words of the payload.
terminal_bundle() {
    bundle '.process.terminal = true'
    payload "$@"
}

# read_screen: what was said, in OUT, without carriage returns.
read_screen() {
    OUT=$(tr -d '\r' <"$T/screen")
}

# in_pty SIZE ACTION [FLAG...]: `run` in the foreground of a terminal of its own.
in_pty() {
    local size=$1 action=$2
    shift 2
    configure
    capture "$PAYLOAD" pty "$size" "$action" \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$@" "$ID"
}

test_console_socket() {
    terminal_bundle tty , pids
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen sid=
    read_screen
    assert_line isatty=111 tty=/dev/pts/0 controlling=yes foreground=1 onlcr=1
    OUT=$(cat "$LISTENER_OUT")
    assert_line fds=1 master=1 closed=yes
    [ "$KIND" = crun ] || assert_match "$(value name)" 'pts/0|/dev/ptmx|console'
}

test_foreground_output_has_no_carriage_returns() {
    differs crun "1.8 leaves the line ending conversion on"
    # The receiver of a console socket chooses for itself; in the foreground that is the runtime.
    terminal_bundle echo ready , line , tty
    in_pty 24x80 input=go
    OUT=${OUT//$'\r'/}
    assert_line onlcr=0
}

test_dev_console() {
    terminal_bundle stat /dev/console , mountinfo , echo end
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen end
    read_screen
    assert_match "$OUT" "/dev/console type=char mode=0[0-9]+ uid=0 gid=[0-9]+ rdev=136:0"
    assert_contains "$OUT" " /dev/console "
}

test_dev_tty_is_the_terminal() {
    terminal_bundle write /dev/tty hello , echo end
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen end
    on_screen hello || fail "nothing came by /dev/tty"
}

test_console_size() {
    terminal_bundle tty
    edit '.process.consoleSize = {height: 37, width: 119}'
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen foreground
    read_screen
    assert_line rows=37 cols=119
}

test_console_size_without_a_terminal() {
    bundle '.process.consoleSize = {height: 37, width: 119}'
    payload echo fine
    run_ok
    assert_line fine
}

test_input_by_the_console_socket() {
    terminal_bundle echo ready , cat
    listen input=typed
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen typed
}

test_resize_by_the_engine() {
    terminal_bundle winch
    listen resize=44x55
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen cols
    read_screen
    assert_line got=WINCH rows=44 cols=55
}

test_terminal_of_a_user() {
    terminal_bundle tty , id , stat /dev/console
    edit '.process.user = {uid: 1000, gid: 1000}'
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen type=char
    read_screen
    assert_line controlling=yes uid=1000,1000,1000
    assert_contains "$OUT" uid=1000
}

test_terminal_in_a_user_namespace() {
    requires user-namespaces
    terminal_bundle tty
    user_namespace
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen foreground
    read_screen
    assert_line isatty=111 controlling=yes
}

test_descriptors_of_a_terminal() {
    terminal_bundle fds , echo end
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    eventually on_screen end
    read_screen
    assert_equal "$OUT" $'fd=0 type=char\nfd=1 type=char\nfd=2 type=char\nend' descriptors
}

test_hangup_when_the_container_ends() {
    terminal_bundle echo bye
    listen
    create_ok --console-socket "$T/socket"
    ok rt start "$ID"
    finish_job "$LISTENER"
    assert_equal "$STATUS" 0 "status of the listener"
    on_screen bye || fail "output is lost"
}

test_run_detached_with_a_console_socket() {
    terminal_bundle tty , pause
    listen
    configure
    ok rt run --detach --bundle "$BUNDLE" --console-socket "$T/socket" "$ID"
    eventually on_screen ready
}

test_foreground() {
    differs runc "it sets the size while the container runs already"
    differs crun "1.8 does not pass the size on"
    # Some runtimes set the size while the container runs already, so it waits for a word.
    terminal_bundle echo ready , line , tty
    in_pty 33x77 input=go
    assert_equal "$STATUS" 0 "status: $OUT"
    OUT=${OUT//$'\r'/}
    assert_line isatty=111 tty=/dev/pts/0 rows=33 cols=77 controlling=yes
}

test_foreground_status() {
    terminal_bundle exit 9
    in_pty 24x80 -
    assert_equal "$STATUS" 9 status
    assert_clean
}

test_foreground_resize() {
    differs runc "a size that is set before it listens is lost"
    differs crun "1.8 does not pass the size on"
    terminal_bundle winch
    in_pty 24x80 resize=50x60
    assert_equal "$STATUS" 0 status
    OUT=${OUT//$'\r'/}
    assert_line rows=50 cols=60
}

test_foreground_input() {
    terminal_bundle trap INT 6
    # Control-C goes through the outer terminal, which is raw, to the inner one.
    in_pty 24x80 $'input=\x03'
    assert_equal "$STATUS" 6 status
    assert_contains "$OUT" got=INT
}

test_foreground_leaves_the_terminal_as_it_was() {
    terminal_bundle exit 0
    configure
    ok "$PAYLOAD" pty 24x80 - sh -c \
        'before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo same' sh \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_contains "$OUT" same
}

test_foreground_leaves_the_terminal_as_it_was_after_an_error() {
    terminal_bundle exit 0
    edit '.process.args = ["/missing"]'
    configure
    ok "$PAYLOAD" pty 24x80 - sh -c \
        'before=$(stty -g); "$@"; [ "$before" = "$(stty -g)" ] && echo same' sh \
        "$RUNTIME" --root "$STATE" run --bundle "$BUNDLE" "$ID"
    assert_contains "$OUT" same
}

test_no_terminal_without_the_property() {
    bundle
    payload tty
    run_ok
    assert_line isatty=000
}

test_create_with_a_terminal_needs_a_socket() {
    terminal_bundle true
    create_fails
    assert_says "cannot allocate tty if"
}

test_detached_with_a_terminal_needs_a_socket() {
    terminal_bundle true
    configure
    fails rt run --detach --bundle "$BUNDLE" "$ID"
    assert_says "cannot allocate tty if"
    assert_clean
}

test_socket_needs_a_terminal() {
    strict crun "it does not look at the socket then"
    bundle
    listen
    create_fails --console-socket "$T/socket"
    assert_says "cannot use console socket if"
}

test_socket_in_the_foreground() {
    strict crun "it sends the terminal and waits"
    terminal_bundle true
    listen
    configure
    fails rt run --console-socket "$T/socket" --bundle "$BUNDLE" "$ID"
    assert_says "cannot use console socket if"
    assert_clean
}

test_socket_that_is_missing_or_no_socket() {
    terminal_bundle true
    create_fails --console-socket "$T/missing"
    touch "$T/file"
    create_fails --console-socket "$T/file"
}

test_socket_with_a_long_path() {
    terminal_bundle true
    create_fails --console-socket "$T/$(printf 'x%.0s' {1..150})"
}

test_bad_sockets_cost_nothing() {
    strict crun,runc "they find out when most of the container is made"
    bundle ".hooks.createRuntime = [{path: \"/bin/touch\", args: [\"touch\", \"$T/hook-ran\"]}]"
    edit '.process.terminal = true'
    payload pause
    touch "$T/file"
    local path
    for path in "$T/missing" "$T/file"; do
        create_fails --console-socket "$path"
        assert_contains "$ERR" "--console-socket"
        [ ! -e "$T/hook-ran" ] || fail "a hook ran before $path was looked at"
    done
    edit '.process.terminal = false'
    create_fails --pidfd-socket "$T/missing"
    assert_contains "$ERR" "--pidfd-socket"
    [ ! -e "$T/hook-ran" ] || fail "a hook ran before the pidfd socket was looked at"
}
