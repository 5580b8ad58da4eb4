#!/bin/sh
# Builds the native harness of the init stage into $1 (default: build/cinit):
#   drive       plays the parent for plans given as text     (plain, for live.sh; needs root to use)
#   drive-asan  the same with address and undefined-behaviour sanitizers
#   fuzz        mutation fuzzer of the plan validator        fuzz SECONDS [SEED]
#   paths       checks of the in-root resolver in a temporary directory
#   exchange    the attacker of live.sh: exchanges two names without a pause
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../../Sources/CInit
out=${1:-build/cinit}
cc=${CC:-cc}
warn="-std=gnu11 -Wall -Wextra -Wshadow -Wvla -Wconversion -Wstrict-prototypes -Werror"
sane="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
mkdir -p "$out"

build() { # build OUTPUT FLAGS SOURCE...
    output=$out/$1
    flags=$2
    shift 2
    # shellcheck disable=SC2086
    $cc $warn $flags -I"$sources/include" -I"$sources" -I"$here" -o "$output" "$@"
}

build drive "-O2 -static" "$sources"/*.c "$here/drive.c" "$here/builder.c"
build drive-asan "$sane" "$sources"/*.c "$here/drive.c" "$here/builder.c"
build fuzz "$sane" "$sources"/plan.c "$here/fuzz.c" "$here/builder.c"
build paths "$sane" "$sources"/*.c "$here/paths.c"
build exchange "-O2 -static" "$here/exchange.c"
