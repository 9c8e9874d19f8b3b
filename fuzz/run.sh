#!/usr/bin/env bash
# Fuzz the sources that read what comes from elsewhere: fuzz/run.sh [seconds [harness...]]
# Prints the executions of each harness. Ends with status 1 on a finding, whose
# input is left in FUZZ_KEEP (the current folder), 77 where clang has no libFuzzer.
# What is built is kept in FUZZ_WORK, if that is set.
set -euo pipefail
keep=$(realpath "${FUZZ_KEEP:-.}")
cd "$(dirname "$0")/.."

seconds=${1:-60}
shift || true
harnesses=${*:-inflate lines record}
clang=${CLANG:-clang}
pg_config=${PG_CONFIG:-pg_config}
work=${FUZZ_WORK:-$(mktemp -d "${TMPDIR:-/tmp}/batch_fdw_fuzz.XXXXXX")}
[ -n "${FUZZ_WORK:-}" ] || trap 'rm -rf "$work"' EXIT

sanitizers=address,undefined
isal=
! pkg-config --exists libisal || isal=-DHAVE_LIBISAL
zstd=
! pkg-config --exists 'libzstd >= 1.4.0' || zstd=-DBATCH_WITH_ZSTD
inflaters="src/fetch/inflate.c src/fetch/inflate_gzip.c src/fetch/inflate_zstd.c"
flags="-O1 -g -std=gnu99 -fno-strict-aliasing -fwrapv -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,$sanitizers
    -fno-sanitize-recover=all -DUSE_ASSERT_CHECKING=1 -DZLIB_CONST -Wall -Wextra -Werror
    -isystem $("$pg_config" --includedir-server) -Isrc -Ifuzz"
libraries="-L$("$pg_config" --pkglibdir)/../lib -L$("$pg_config" --libdir) -lpgcommon -lpgport -lz -lm ${isal:+-lisal} ${zstd:+-lzstd}"

# Tell whether a fuzzer can be built.
can_fuzz() {
    mkdir -p "$work/bin"
    echo 'int LLVMFuzzerTestOneInput(const char *p, unsigned long n) { return p[n * 0] * 0; }' >"$work/probe.c"
    "$clang" -fsanitize=fuzzer,$sanitizers -o "$work/probe" "$work/probe.c" 2>/dev/null
}

# Compile files of src/ into the folder $1 with flags $2; the rest = their names.
compile() {
    local dir=$work/$1 more=$2 name
    shift 2
    mkdir -p "$dir"
    for name; do
        # shellcheck disable=SC2086
        "$clang" $flags $more -c "$name" -o "$dir/$(basename "$name" .c).o"
    done
}

# Print the flags that give what objects export other names, in their twin.
rename() {
    nm -g --defined-only "$@" | awk '$3 ~ /^batch_/ {print "-D" $3 "=twin_" $3}'
}

# Build harness $1 of all objects that follow.
link_harness() {
    local name=$1
    shift
    # shellcheck disable=SC2086
    "$clang" -fsanitize=fuzzer,$sanitizers -o "$work/bin/$name" "$@" $libraries
}

# What writes jsonb gets rooms of exactly the size that it asks for.
exact=-Dbatch_room_reserve=fuzz_room_reserve
# Its twin treats short texts as long ones.
long="-DBATCH_LONG_TEXT=16 -DBATCH_MANY_PAIRS=4"
# The twin of keys.c comes to its bounds soon.
bounds="-DBATCH_MOST_KEYS=32 -DBATCH_OF_PLACE=6 -DBATCH_JUDGED=8"

build_record() {
    local files="src/json/record.c src/json/items.c src/json/keys.c src/json/fast.c src/json/room.c src/values/tape.c" twin
    compile record "" $files
    compile record "$exact" src/values/{jsonb,containers,forms,many}.c
    twin=$(rename "$work"/record/*.o)
    compile record_twin "-U__SSE2__ $bounds $twin" $files
    compile record_twin "-U__SSE2__ $bounds ${twin/-Dbatch_room_reserve=twin_batch_room_reserve/} $exact $long" \
        src/values/{jsonb,containers,forms,many}.c
    link_harness record "$work"/{common,record,record_twin}/*.o "$work/harness/record_fuzz.o"
}

build_inflate() {
    # shellcheck disable=SC2086
    compile inflate "$isal $zstd" $inflaters
    # shellcheck disable=SC2086
    [ -z "$isal" ] || compile inflate_twin "$zstd $(rename "$work"/inflate/*.o)" $inflaters
    link_harness inflate "$work"/{common,inflate*}/*.o "$work"/harness/{inflate_fuzz,file}.o
}

build_lines() {
    # shellcheck disable=SC2086
    compile lines "$zstd" src/fetch/{lines,magic,document,csv,csv_rows}.c $inflaters src/json/{record,items,keys,fast,room,envelope,scalar}.c
    link_harness lines "$work"/{common,lines}/*.o "$work"/harness/{lines_fuzz,file,csv}.o
}

# Build all.
build() {
    local name
    compile common "" src/json/array.c src/json/unescape.c src/values/number.c fuzz/server.c fuzz/numeric.c fuzz/model.c
    compile harness "$isal $zstd" fuzz/*_fuzz.c fuzz/{file,csv}.c
    for name in $harnesses; do
        "build_$name"
    done
}

can_fuzz || { echo "There is no clang with libFuzzer." >&2; exit 77; }
build
python3 fuzz/seeds.py "$work/corpus"
ulimit -s 65536 2>/dev/null || true
export ASAN_OPTIONS="quarantine_size_mb=16:${ASAN_OPTIONS:-}"
found=0
for name in $harnesses; do
    log=$work/$name.log
    if "$work/bin/$name" -max_total_time="$seconds" -max_len=16384 -timeout=30 -print_final_stats=1 \
        -dict=fuzz/json.dict -artifact_prefix="$keep/$name-" "$work/corpus/$name" >"$log" 2>&1; then
        echo "ok - $name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions"
    else
        grep -aE 'FINDING|runtime error|SUMMARY|^ +#[0-9]+ .* (src|fuzz)/|Test unit written|^Base64' "$log" || tail -n 20 "$log"
        echo "not ok - $name"
        found=1
    fi
done
exit "$found"
