# What the tests of exec share.
# shellcheck shell=bash

# running [EDIT...]: a container that waits.
running() {
    bundle "$@"
    payload pause
    launch
    wait_output ready
}

# ex [FLAG...] -- WORD...: exec of the payload; STATUS, OUT and ERR hold what came of it.
ex() {
    local flags=()
    while [ "$1" != -- ]; do
        flags+=("$1")
        shift
    done
    shift
    capture rt exec "${flags[@]}" "$ID" /payload "$@"
}

# ex_ok [FLAG...] -- WORD...
ex_ok() {
    ex "$@"
    assert_equal "$STATUS" 0 "status of exec ($ERR)"
}
