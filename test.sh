#!/usr/bin/env bash
# Install what is missing, build, and run all tests: ./test.sh
#   ./test.sh regress [topic...]   only pg_regress, or only some of its topics
#   ./test.sh tap                  only the tests of faults, cancel, concurrency
# Ends in a line "N passed, M failed".
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=test/lib.sh
. test/lib.sh

part=${1:-all}
shift || true
passed=0
failed=0
api_pid=
work=$(mktemp -d "${TMPDIR:-/tmp}/batch_fdw.XXXXXX")
chmod 755 "$work"

# Stop what was started and remove what was made.
clean_up() {
    [ -z "$api_pid" ] || kill "$api_pid" 2>/dev/null || true
    find "$work" -name postmaster.pid -exec head -n 1 {} \; 2>/dev/null | xargs -r kill -QUIT 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Count a check of our own by its exit status.
count_check() {
    local name=$1
    shift
    if "$@"; then
        echo "ok - $name"
        passed=$((passed + 1))
    else
        echo "not ok - $name"
        failed=$((failed + 1))
    fi
}

# Compile all with clang, where it is installed.
compile_with_clang() {
    copy_checkout "$work/clang"
    build "$work/clang" clang
}

# Tell whether the key came to the API alone, and signatures to the store alone.
nothing_leaked() {
    python3 -c 'import json, sys, urllib.request as r
state = json.load(r.build_opener(r.ProxyHandler({})).open(f"http://127.0.0.1:{sys.argv[1]}/_state"))
sys.exit(state[0]["leaks"] > 0 or state[0]["connections"] < 2)' "$api_port"
}

# Fuzz for some seconds, where clang has libFuzzer.
fuzz_briefly() {
    local status=0
    FUZZ_KEEP=$work fuzz/run.sh 5 || status=$?
    if [ "$status" -eq 77 ]; then
        echo "skipped - no finding of the fuzzers"
    else
        count_check "no finding of the fuzzers" [ "$status" -eq 0 ]
    fi
}

# Run pg_regress in $1 against the imitation on its fixed ports; the rest = topics.
run_regress() {
    local dir=$1 log=$work/regress.log topics=() status=0
    shift
    [ $# -eq 0 ] || topics=("REGRESS=setup $*")
    start_imitation "$work/api.log"
    (cd "$dir" && as_server make -s installcheck TAP_TESTS= with_llvm=no PG_CONFIG="$PG_CONFIG" \
        REGRESS_OPTS="--temp-instance=$dir/instance" "${topics[@]}") >"$log" 2>&1 || status=$?
    count_check "no key came to the object store, no signature to the API" nothing_leaked
    kill "$api_pid"
    api_pid=
    grep -E '^(test |ok |not ok |Bail out)| \.\.\. ' "$log" || cat "$log"
    [ ! -f "$dir/regression.diffs" ] || head -n 300 "$dir/regression.diffs"
    count_lines "$log" '^ok |\.\.\. ok' '^not ok |\.\.\. FAILED|^Bail out' "$status"
}

# Hold the build with neither ISA-L nor SSE2 to the same verdicts on the same files.
run_portable() {
    copy_checkout "$work/portable"
    build "$work/portable" gcc "WITH_ISAL=no PG_CFLAGS=-U__SSE2__"
    install_extension "$work/portable"
    [ "$(id -u)" -ne 0 ] || chown -R postgres "$work/portable"
    run_regress "$work/portable" formats verdicts values
    install_extension "$work/build"
}

# Run the TAP tests.
run_tap() {
    local log=$work/tap.log status=0
    (cd "$work/build" && as_server make -s installcheck REGRESS= with_llvm=no PG_CONFIG="$PG_CONFIG" \
        PROVE_FLAGS="-v") >"$log" 2>&1 || status=$?
    grep -E '^(ok |not ok |Bail out|t/.*\.\. *$|Files=|Result:)' "$log" || cat "$log"
    if grep -qE '^not ok |Bail out|^Result: FAIL' "$log"; then
        grep -vE '^ok ' "$log" | tail -n 200
    fi
    count_lines "$log" '^ok ' '^not ok |Bail out|Dubious' "$status"
}

# Add the lines of a log $1 that match $2 or $3 to the counts; a run that ended
# badly ($4) without such a line is a failure too.
count_lines() {
    local bad
    bad=$(grep -cE "$3" "$1" || true)
    [ "$4" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    passed=$((passed + $(grep -cE "$2" "$1" || true)))
    failed=$((failed + bad))
}

install_missing tests
say "Building"
copy_checkout "$work/build"
build "$work/build"
install_extension "$work/build"
[ "$(id -u)" -ne 0 ] || chown -R postgres "$work/build"
if [ "$part" = all ] && command -v clang >/dev/null; then
    count_check "no warning of clang" compile_with_clang
fi
if [ "$part" = all ]; then
    say "Fuzzing"
    fuzz_briefly
fi
if [ "$part" = all ] || [ "$part" = regress ]; then
    say "Regression tests"
    run_regress "$work/build" "$@"
fi
if [ "$part" = all ]; then
    say "The same files, with zlib and portable C"
    run_portable
fi
if [ "$part" = all ] || [ "$part" = tap ]; then
    say "Tests of faults, cancel and concurrency"
    run_tap
fi
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
