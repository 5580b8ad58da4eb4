# The cache of compiled filters: it is used, it is private, and nothing that happens to it changes a
# filter or fails a container.
# shellcheck shell=bash
# shellcheck source=integration/seccomp_lib.sh
source "$HERE/seccomp_lib.sh"

# run_filtered: runs a container whose filter must be right.
run_filtered() {
    run_status 1
    assert_line getpgrp=EBADFD getuid=0
}

cached_bundle() {
    requires runtime=apus
    bundle
    filter
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp , call getuid
    run_filtered
    CACHED=$(cache_files)
    assert_equal "$(wc -l <<<"$CACHED")" 1 "cached filters"
}

test_cache_is_used() {
    cached_bundle
    assert_equal "$(stat -c %a:%u "$STATE/.seccomp@cache" "$CACHED" | tr '\n' ' ')" "700:0 600:0 "
    local before
    before=$(stat -c '%i %Z' "$CACHED")
    run_filtered
    assert_equal "$(stat -c '%i %Z' "$CACHED")" "$before" "cached filter"
    assert_equal "$(cache_files)" "$CACHED"
}

test_cache_is_for_one_profile() {
    cached_bundle
    on getuid ERRNO 'errnoRet: 78'
    run_status 1
    assert_line getpgrp=EBADFD getuid=EREMCHG
    assert_equal "$(cache_files | wc -l)" 2 "cached filters"
}

# damage COMMAND...: after it the filter is right again, and the file too.
damage() {
    local before
    before=$(sha256sum <"$GOOD")
    "$@"
    run_filtered
    assert_equal "$(stat -c %a:%u:%F:%h "$CACHED")" "600:0:regular file:1" "after $*"
    assert_equal "$(sha256sum <"$CACHED")" "$before" "after $*"
}

flip() {
    local byte
    byte=$(dd if="$CACHED" bs=1 skip="$1" count=1 status=none | od -An -tu1)
    # shellcheck disable=SC2059 # the text is the format
    printf "\\$(printf %03o $((byte ^ 1)))" |
        dd of="$CACHED" bs=1 seek="$1" conv=notrunc status=none
}

to_link() {
    mv "$CACHED" "$T/elsewhere"
    ln -s "$T/elsewhere" "$CACHED"
}

test_damaged_cache_is_not_used() {
    cached_bundle
    GOOD=$T/good
    cp "$CACHED" "$GOOD"
    local size
    size=$(stat -c %s "$CACHED")
    damage flip 0
    damage flip 8
    damage flip 40
    damage flip $((size - 4))
    damage truncate -s $((size - 8)) "$CACHED"
    damage truncate -s 0 "$CACHED"
    damage truncate -s $((size + 8)) "$CACHED"
    damage chmod 644 "$CACHED"
    damage chown 1000 "$CACHED"
    damage to_link
    damage ln "$CACHED" "$T/second"
}

test_cache_that_others_can_write_is_not_used() {
    cached_bundle
    chmod 777 "$STATE/.seccomp@cache"
    truncate -s 0 "$CACHED"
    run_filtered
    assert_equal "$(stat -c %s "$CACHED")" 0 "size of what is not used"
    chmod 700 "$STATE/.seccomp@cache"
    chown 1000 "$STATE/.seccomp@cache"
    run_filtered
    rm -rf "$STATE/.seccomp@cache"
    mkdir -m 700 "$T/elsewhere"
    ln -s "$T/elsewhere" "$STATE/.seccomp@cache"
    run_filtered
    assert_equal "$(ls "$T/elsewhere")" ""
}

test_cache_that_cannot_be_made() {
    requires runtime=apus
    bundle
    filter
    on getpgrp ERRNO 'errnoRet: 77'
    payload call getpgrp , call getuid
    touch "$STATE/.seccomp@cache"
    run_filtered
}

test_cache_is_bounded() {
    cached_bundle
    local number
    for number in {1..40}; do
        touch -d "@$number" "$STATE/.seccomp@cache/other$number"
    done
    edit '.linux.seccomp.syscalls[0].errnoRet = 78'
    run_status 1
    assert_equal "$(cache_files | wc -l)" 32 "cached filters"
    [ -e "$CACHED" ] || fail "a young one was removed"
    [ ! -e "$STATE/.seccomp@cache/other10" ] || fail "an old one is still there"
    [ -e "$STATE/.seccomp@cache/other11" ] || fail "too many are gone"
}

test_cache_is_no_container() {
    cached_bundle
    ok rt list --quiet
    assert_equal "$OUT" ""
}
