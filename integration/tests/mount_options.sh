# Every option of the runtime-spec's table that can be seen in mountinfo, on a tmpfs, on a bind, and
# its recursive twin on what lies below a bind. Table driven: OPTION, what the options of the mount
# (field 6) must hold, what they must not hold.
# shellcheck shell=bash

# options_of DESTINATION: field 6 of its line in OUT, with commas around.
options_of() {
    printf ',%s,' "$(mount_line "$1" | cut -d ' ' -f 6)"
}

# super_options_of DESTINATION: those of the file system.
super_options_of() {
    printf ',%s,' "$(mount_line "$1" | sed 's/.* - //' | cut -d ' ' -f 3)"
}

# check_words OPTIONS PRESENT ABSENT: words separated by blanks; `-` for none.
check_words() {
    local word
    for word in $2; do
        [ "$word" = - ] || assert_contains "$1" ",$word,"
    done
    for word in $3; do
        [ "$word" = - ] || refute_contains "$1" ",$word,"
    done
}

tmpfs_table() {
    cat <<'END'
ro          ro          rw
rw          rw          ro
nosuid      nosuid      -
suid        -           nosuid
nodev       nodev       -
dev         -           nodev
noexec      noexec      -
exec        -           noexec
noatime     noatime     relatime
atime       -           noatime
nodiratime  nodiratime  -
diratime    -           nodiratime
relatime    relatime    noatime
strictatime -           relatime
norelatime  -           noatime
nostrictatime relatime  -
sync        -           -
async       -           -
dirsync     -           -
END
}

test_options_of_a_file_system() {
    bundle
    local option present absent
    while read -r option present absent; do
        mount_entry "/m/$option" tmpfs tmpfs "$option"
    done < <(tmpfs_table)
    payload mountinfo
    run_ok
    while read -r option present absent; do
        check_words "$(options_of "/m/$option")" "$present" "$absent"
    done < <(tmpfs_table)
    check_words "$(super_options_of /m/sync)" sync -
    check_words "$(super_options_of /m/async)" - sync
    check_words "$(super_options_of /m/dirsync)" dirsync -
}

test_options_that_few_peers_know() {
    differs crun "they are not in its table and go to the file system as data"
    differs runc "1.1 lacks nosymfollow"
    bundle
    local option
    for option in lazytime nolazytime iversion noiversion acl noacl silent loud nosymfollow \
        symfollow; do
        mount_entry "/m/$option" tmpfs tmpfs $option
    done
    payload mountinfo
    run_ok
    check_words "$(super_options_of /m/lazytime)" lazytime -
    check_words "$(super_options_of /m/nolazytime)" - lazytime
    check_words "$(options_of /m/nosymfollow)" nosymfollow -
    check_words "$(options_of /m/symfollow)" - nosymfollow
}

test_nosymfollow_works() {
    differs crun,runc "versions of this age lack it"
    bundle
    mkdir "$T/source"
    echo text >"$T/source/file"
    ln -s file "$T/source/link"
    mount_entry /x none "$T/source" bind nosymfollow
    payload cat /x/file , cat /x/link
    run_status 1
    assert_line text /x/link=ELOOP
}

test_mandatory_locks() {
    differs crun,runc "the kernel ignores the flag, or the version does not know it"
    bundle
    mount_entry /mand tmpfs tmpfs mand
    mount_entry /nomand tmpfs tmpfs nomand
    payload mountinfo
    run_ok
}

test_defaults() {
    differs runc "1.1 passes the word to the file system"
    bundle
    mount_entry /x tmpfs tmpfs defaults
    payload mountinfo
    run_ok
    check_words "$(options_of /x)" rw "ro nosuid nodev noexec"
}

test_the_last_option_wins() {
    differs crun "a later rw does not undo ro"
    bundle
    mount_entry /a tmpfs tmpfs ro rw nosuid suid
    mount_entry /b tmpfs tmpfs rw ro suid nosuid
    payload mountinfo
    run_ok
    check_words "$(options_of /a)" rw nosuid
    check_words "$(options_of /b)" "ro nosuid" -
}

test_options_of_a_bind() {
    bundle
    mkdir "$T/source"
    local option present absent
    while read -r option present absent; do
        # The others of the table belong to the file system, which a bind does not change.
        case $option in
        sync | async | dirsync) continue ;;
        esac
        mount_entry "/m/$option" none "$T/source" bind "$option"
    done < <(tmpfs_table)
    payload mountinfo
    run_ok
    while read -r option present absent; do
        case $option in
        sync | async | dirsync) continue ;;
        esac
        check_words "$(options_of "/m/$option")" "$present" "$absent"
    done < <(tmpfs_table)
}

recursive_table() {
    cat <<'END'
rro          ro          rw
rnosuid      nosuid      -
rnodev       nodev       -
rnoexec      noexec      -
rnoatime     noatime     relatime
rnodiratime  nodiratime  -
rrelatime    relatime    noatime
rstrictatime -           relatime
rnosymfollow nosymfollow -
END
}

test_recursive_table() {
    differs crun "1.8 knows few of them, and its access time options are refused"
    differs runc "1.1 lacks rnosymfollow"
    mkdir -p "$T/source/sub"
    mount -t tmpfs -o mode=755 sub "$T/source/sub"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    local option present absent
    while read -r option present absent; do
        mount_entry "/m/$option" none "$T/source" rbind "$option"
    done < <(recursive_table)
    payload mountinfo
    run_ok
    while read -r option present absent; do
        check_words "$(options_of "/m/$option")" "$present" "$absent"
        check_words "$(options_of "/m/$option/sub")" "$present" "$absent"
    done < <(recursive_table)
    umount "$T/source/sub"
}

clearing_table() {
    cat <<'END'
rrw            rw          ro
rsuid          -           nosuid
rdev           -           nodev
rexec          -           noexec
rdiratime      -           nodiratime
ratime         -           noatime
rnorelatime    -           noatime
rnostrictatime relatime    noatime
rsymfollow     -           nosymfollow
END
}

test_recursive_table_that_clears() {
    differs crun,runc "versions of this age lack some of them"
    mkdir -p "$T/source/sub"
    mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime,nodiratime,nosymfollow \
        sub "$T/source/sub"
    sort /proc/self/mountinfo >"$T/mounts"
    bundle
    local option present absent
    while read -r option present absent; do
        mount_entry "/m/$option" none "$T/source" rbind "$option"
    done < <(clearing_table)
    payload mountinfo
    run_ok
    while read -r option present absent; do
        check_words "$(options_of "/m/$option/sub")" "$present" "$absent"
    done < <(clearing_table)
    umount "$T/source/sub"
}

test_recursive_option_of_a_file_system() {
    differs runc "1.1 applies them to binds only"
    bundle
    mount_entry /x tmpfs tmpfs rro
    mount_entry /y tmpfs tmpfs rnosuid
    payload mountinfo
    run_ok
    check_words "$(options_of /x)" ro -
    check_words "$(options_of /y)" nosuid -
}

# The kernel takes values of at most 255 bytes through fsconfig(2).
test_long_option() {
    local name layers='' n
    name=$(printf 'l%.0s' {1..100})
    for n in 1 2 3; do
        mkdir -p "$T/$name$n"
        echo "$n" >"$T/$name$n/file$n"
        layers+="${layers:+:}$T/$name$n"
    done
    mkdir "$T/upper" "$T/work"
    bundle
    mount_entry /x overlay overlay nodev noatime "lowerdir=$layers" "upperdir=$T/upper" \
        "workdir=$T/work"
    payload cat /x/file1 , cat /x/file3 , write /x/new text , mountinfo
    run_ok
    assert_line 1 3
    check_words "$(options_of /x)" "rw nodev noatime" "ro"
    assert_file "$T/upper/new" text
}
