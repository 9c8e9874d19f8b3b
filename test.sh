#!/usr/bin/env bash
# Install what is missing, build, and run all tests: ./test.sh
#   ./test.sh regress [topic...]   only pg_regress, or only some of its topics
#   ./test.sh tap [number...]      only the tests of faults, cancel, concurrency,
#                                  or only some of their files: 011
#   ./test.sh unit                 only what needs no server
#   ./test.sh matrix [suite...]    all, in bare installations of Debian: as root
#   ./test.sh plans [seconds [seed]]  only the fuzzer of plans
#   ./test.sh answers [seconds [option...]]
#                                  only the fuzzer of answers, for a minute unless
#                                  told, with options of fuzz/answers
#   ./test.sh coverage             both, and how many lines of each folder they run
#   ./test.sh sanitize             both, with UndefinedBehaviorSanitizer
#   ./test.sh valgrind [topic...]  pg_regress with the server under valgrind, best
#                                  with one that was built with -DUSE_VALGRIND
# Ends in a line "N passed, M failed".
#
# What is compiled is kept in .build.  The tests run in a PostgreSQL of their own
# (test/lib.sh), on free ports, so that several runs do not meet.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=test/lib.sh
. test/lib.sh

part=${1:-all}
shift || true
passed=0
failed=0
api_pid=
private=
make_work

# Stop what was started and remove what was made.
clean_up() {
    [ -z "$api_pid" ] || kill "$api_pid" 2>/dev/null || true
    end_servers "$work"
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

# Bring build $1 up to date, by the compiler $2 with further settings, and install
# it in a PostgreSQL of its own, beside which its tests are in $work/$1/run.
prepare() {
    local name=$1 dir=$kept/$1
    shift
    exec 9>"$kept/lock"
    flock 9
    copy_checkout "$dir"
    build "$dir" "$@"
    install_privately "$dir" "$work/$name"
    exec 9>&-
    mkdir "$work/$name/run"
    (cd "$dir" && tar cf - --exclude='*.o' --exclude='*.so' .) | tar xf - -C "$work/$name/run"
    [ "$(id -u)" -ne 0 ] || chown -R postgres "$work/$name/run"
    export BATCH_FDW_LIBRARY="$work/$name$("$PG_CONFIG" --pkglibdir)/batch_fdw.so"
}

# Compile all with clang, where it is installed.
compile_with_clang() {
    exec 9>"$kept/lock"
    flock 9
    copy_checkout "$kept/clang"
    build "$kept/clang" clang
    exec 9>&-
}

# Tell whether test/README.md holds the tables that the imitation prints.
tables_are_printed() {
    python3 -B test/imitation --tables >"$work/tables.md" &&
        sed -n '/^<!-- python3 test.imitation --tables/,/^<!-- up to here/p' test/README.md | sed '1,2d; $d' | sed '$d' |
        diff "$work/tables.md" -
}

# Tell whether test/README.md names each test among the promises.
tests_are_named() {
    local name status=0
    for name in sql/*.sql t/*.pl; do
        name=$(basename "${name%.*}" | sed 's/^[0-9]*_//')
        if [ "$name" != setup ] && ! grep -q "^| .*|.* \`$name\`" test/README.md; then
            echo "test/README.md does not name $name"
            status=1
        fi
    done
    return "$status"
}

# Tell whether a build outside of the tree links each source.
builds_outside() {
    local objects
    copy_checkout "$work/sources"
    mkdir "$work/outside"
    make -s -j"$(nproc)" -C "$work/outside" -f "$work/sources/Makefile" with_llvm=no PG_CONFIG="$PG_CONFIG" PG_CFLAGS=-O0 all || return 1
    objects=$(find "$work/outside" -name '*.o' | wc -l)
    [ "$objects" -eq "$(find batch_fdw.c src -name '*.c' | wc -l)" ]
}

# Tell whether each header compiles by itself.
headers_stand_alone() {
    local header include status=0
    include=$("$PG_CONFIG" --includedir-server)
    for header in src/*.h src/*/*.h; do
        # shellcheck disable=SC2046
        gcc -fsyntax-only -Wall -Wextra -Werror -x c -Isrc -isystem "$include" \
            $(pkg-config --cflags libcurl json-c) "$header" || status=1
    done
    return "$status"
}

# Tell whether the key came to the API alone, and signatures to the store alone,
# to both of which at least $1 connections were made.
nothing_leaked() {
    python3 -c 'import json, sys, urllib.request as r
state = json.load(r.build_opener(r.ProxyHandler({})).open(f"http://127.0.0.1:{sys.argv[1]}/_state"))
sys.exit(state[0]["leaks"] > 0 or state[0]["connections"] < int(sys.argv[2]))' "$api_port" "$1"
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

# Fuzz the plans of build $1: for so many seconds, from a seed.
fuzz_plans() {
    local name=$1 status=0
    shift
    mkdir -p "$work/found"
    chmod 777 "$work/found"
    (cd "$work/$name/run" && as_server env PG_CONFIG="$private" FUZZ_KEEP="$work/found" python3 -B fuzz/plans.py "$@") || status=$?
    [ "$part" = all ] || cp "$work"/found/* . 2>/dev/null || true
    count_check "no finding of the fuzzer of plans" [ "$status" -eq 0 ]
}

# Fuzz by answers for $1 seconds; the rest = further options. What is found is
# left in FUZZ_KEEP, or where things are kept.
fuzz_answers() {
    local seconds=$1 status=0 log=$work/answers.log
    shift
    FUZZ_KEEP=${FUZZ_KEEP:-$kept} python3 fuzz/answers --bin "$("$private" --bindir)" --seconds "$seconds" "$@" | tee "$log" || status=$?
    count_check "no finding of the fuzzer of answers ($(sed -n 's/^\([0-9]* answers\).*/\1/p' "$log"))" [ "$status" -eq 0 ]
}

# Run installcheck of build $1 with further settings, into the log $2.
check_installed() {
    local name=$1 log=$2
    shift 2
    (cd "$work/$name/run" &&
        as_server make -s installcheck with_llvm=no PG_CONFIG="$private" "$@") >"$log" 2>&1
}

# Run pg_regress on build $1 against the imitation on ports of as many digits as
# the files have, which are replaced; the rest = topics.
run_regress() {
    local name=$1 run=$work/$1/run log=$work/regress.log topics=() status=0 least=2
    shift
    [ $# -eq 0 ] || { topics=("REGRESS=setup $*") least=0; }
    start_imitation "$work/api.log" --four-digits
    sed -i "s/9470/$api_port/g; s/9471/$files_port/g" "$run"/sql/* "$run"/expected/*
    check_installed "$name" "$log" TAP_TESTS= REGRESS_OPTS="--temp-instance=$run/instance" "${topics[@]}" || status=$?
    count_check "no key came to the object store, no signature to the API" nothing_leaked "$least"
    kill "$api_pid"
    api_pid=
    grep -E '^(test |ok |not ok |Bail out)| \.\.\. ' "$log" || cat "$log"
    [ ! -f "$run/regression.diffs" ] || head -n 300 "$run/regression.diffs"
    count_lines "$log" '^ok |\.\.\. ok' '^not ok |\.\.\. FAILED|^Bail out' "$status"
}

# Hold the build with neither ISA-L nor SSE2 to the same verdicts on the same files,
# and to naming zstd, without which it is.
run_portable() {
    prepare portable gcc WITH_ISAL=no WITH_ZSTD=no PG_CFLAGS=-U__SSE2__
    run_regress portable formats not_json zstd verdicts values
}

# Run the TAP tests of build $1; the rest = the numbers of some.
run_tap() {
    local name=$1 log=$work/tap.log tests=() status=0
    shift
    [ $# -eq 0 ] || tests=("PROVE_TESTS=$(printf 't/%s_*.pl ' "$@")")
    check_installed "$name" "$log" REGRESS= PROVE_FLAGS=-v "${tests[@]}" || status=$?
    grep -aE '^(ok |not ok |Bail out|t/.*\.\. *$|Files=|Result:)' "$log" || cat "$log"
    if grep -aqE '^not ok |Bail out|^Result: FAIL' "$log"; then
        grep -avE '^ok ' "$log" | tail -n 200
    fi
    count_lines "$log" '^ok ' '^not ok |Bail out|Dubious' "$status"
}

# Run both kinds of tests on a build that counts the lines it runs, and print for
# each folder how many of them ran; backends that are killed do not count.
run_coverage() {
    local objects
    prepare coverage gcc "PG_CFLAGS=--coverage -O0"
    export GCOV_PREFIX=$work/gcov
    mkdir -m 777 "$GCOV_PREFIX"
    run_regress coverage
    run_tap coverage
    objects=$GCOV_PREFIX$kept/coverage
    (cd "$kept/coverage" && find . -name '*.gcno' -exec cp --parents {} "$objects" \;)
    say "Lines that ran"
    (cd "$kept/coverage" && find "$objects" -name '*.gcda' -exec gcov -n {} +) |
        awk -F"[':% ]+" '/^File/ { file = $2 }
            /^Lines executed/ && file ~ /^(src\/|batch_fdw.c)/ {
                sub("/[^/]*$", "", file); lines[file] += $5; ran[file] += $3 * $5 / 100; all += $5; sum += $3 * $5 / 100; file = "" }
            END { for (f in lines) printf "%-14s %5d of %5d: %.1f %%\n", f, ran[f], lines[f], 100 * ran[f] / lines[f] | "sort"
                close("sort"); printf "%-14s %5d of %5d: %.1f %%\n", "all", sum, all, 100 * sum / all }'
}

# Run both kinds of tests on a build that aborts where it does what C does not define.
run_sanitized() {
    prepare sanitized gcc "PG_CFLAGS=-fsanitize=undefined -fno-sanitize-recover=all" LDFLAGS_SL=-fsanitize=undefined
    run_regress sanitized
    run_tap sanitized
}

# Run pg_regress with the server under valgrind; the rest = topics.  What counts is
# what valgrind says of our own code: the time that all takes there is no matter.
run_valgrind() {
    local postgres logs=$work/said found
    command -v valgrind >/dev/null || die "There is no valgrind."
    prepare valgrind gcc PG_CFLAGS=-O1
    postgres=$("$private" --bindir)/postgres
    mkdir -m 777 "$logs"
    mv "$postgres" "$postgres.real"
    cat >"$postgres" <<END
#!/bin/sh
case " \$* " in
*" --boot "* | *" --single "* | *" -V "* | *" -C "*) exec "\$0.real" "\$@" ;;
esac
exec valgrind --quiet --leak-check=no --num-callers=30 --error-markers=begin,end --suppressions=$PWD/test/valgrind.supp --log-file=$logs/%p "\$0.real" "\$@"
END
    chmod 755 "$postgres"
    run_regress valgrind "$@"
    found=$(sed -n '/begin/,/end/p' "$logs"/* | awk '/begin/ { block = "" } { block = block "\n" $0 } /end/ && block ~ /batch_fdw\.so|: batch_/ { print block }')
    echo "$found" | head -n 200
    count_check "nothing found by valgrind in $(find "$logs" -type f | wc -l) processes" [ -z "$found" ]
}

# Add the lines of a log $1 that match $2 or $3 to the counts; a run that ended
# badly ($4) without such a line is a failure too.
count_lines() {
    local bad
    bad=$(grep -acE "$3" "$1" || true)
    [ "$4" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    passed=$((passed + $(grep -acE "$2" "$1" || true)))
    failed=$((failed + bad))
}

# Run what needs no server.
run_unit() {
    count_check "each header compiles by itself" headers_stand_alone
    count_check "test/README.md holds the tables of the imitation" tables_are_printed
    count_check "test/README.md names each test" tests_are_named
    count_check "a build outside of the tree" builds_outside
    ! command -v clang >/dev/null || count_check "no warning of clang" compile_with_clang
    say "Fuzzing"
    fuzz_briefly
}

# Run all that is not by hand.
run_all() {
    run_unit
    # the same answers each time: what a new seed finds is for a run by hand
    fuzz_answers 60 --seed 1 --count 25000
    say "Regression tests"
    run_regress build
    say "Tests of faults, cancel and concurrency"
    run_tap build
    say "Fuzzing plans"
    fuzz_plans build 30 1
    say "The same files, with zlib and portable C"
    run_portable
}

[ "$part" != matrix ] || exec test/matrix.sh "$@"
install_missing tests
kept=$PWD/.build/$("$PG_CONFIG" --version | tr -c '[:alnum:].\n' _)
mkdir -p "$kept" 2>/dev/null || kept=$work
say "Building"
case $part in
coverage) run_coverage ;;
sanitize) run_sanitized ;;
valgrind) run_valgrind "$@" ;;
*)
    prepare build gcc
    case $part in
    all) run_all ;;
    unit) run_unit ;;
    regress) run_regress build "$@" ;;
    tap) run_tap build "$@" ;;
    plans) fuzz_plans build "$@" ;;
    answers) fuzz_answers "${@:-60}" ;;
    *) die "There is no part \"$part\": see the head of $0." ;;
    esac
    ;;
esac
echo
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
