#!/usr/bin/env bash
# Measure batch_fdw beside the floor and its peers: bench/run.sh
#   -n ROUNDS   how often each row is run, in turn (5)
#   -o PATTERN  only the rows whose name matches, and the floors
#   --long      the peak memory of a stream of 10 GB too
# Prints Markdown, and writes it to report.md in the work folder.
# See bench/README.md.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/lib.sh
. test/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh

long=
arguments=("$@")
for argument in "$@"; do
    [ "$argument" != --long ] || long=long
done

# Install the peers that npm has; those that cannot be had are left out.
install_peers() {
    mkdir -p "$WORK/peers"
    [ -f "$WORK/peers/package.json" ] || echo '{"private": true}' >"$WORK/peers/package.json"
    command -v npm >/dev/null || return 0
    for package in @duckdb/node-api chdb; do
        [ -d "$WORK/peers/node_modules/$package" ] ||
            timeout 300 npm --prefix "$WORK/peers" install --no-audit --no-fund "$package" >"$WORK/peers/npm.log" 2>&1 ||
            say "npm has no $package; see $WORK/peers/npm.log"
    done
}

# Build the floor, with ISA-L where it is installed.
build_floor() {
    if pkg-config --exists libisal; then
        gcc -O2 -DWITH_ISAL -o "$WORK/floor" bench/floor.c -lisal -lz
    else
        gcc -O2 -o "$WORK/floor" bench/floor.c -lz
    fi
}

install_missing
for program in nginx curl; do
    command -v "$program" >/dev/null || die "Missing: $program"
done
make_data "$long"
install_peers
trap clean_up EXIT
trap 'exit 130' INT TERM
build_floor
build_both
start_nginx
start_delay
start_cluster
say "Measuring"
python3 bench/measure.py --work "$WORK" --bin "$bin" --base "$base" "${arguments[@]}"
