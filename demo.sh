#!/usr/bin/env bash
# Install what is missing, build, and show the tour in a throwaway PostgreSQL:
#   ./demo.sh                  for the four vendors, against their imitation
#   ./demo.sh VENDOR           for one of them
#   BATCH_FDW_API_KEY=… ./demo.sh crustdata    against the real API
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=test/lib.sh
. test/lib.sh

vendors=${1:-crustdata companyenrich bigdata pulse}
api_pid=
make_work

# Stop what was started and remove what was made.
clean_up() {
    [ -z "$api_pid" ] || kill "$api_pid" 2>/dev/null || true
    end_servers "$work"
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Start a PostgreSQL that listens on a socket in the temporary folder only.
start_server() {
    mkdir "$work/data"
    [ "$(id -u)" -ne 0 ] || chown postgres "$work/data"
    as_server env -u BATCH_FDW_API_KEY "$bin/initdb" -D "$work/data" -A trust -U postgres --locale=C.UTF-8 -E UTF8 >/dev/null
    as_server env -u BATCH_FDW_API_KEY "$bin/pg_ctl" -D "$work/data" -l "$work/data/log" -w \
        -o "-k $work/data -c listen_addresses=" start >/dev/null
}

# Run psql in the throwaway server.
run_psql() {
    "$bin/psql" -X -q -h "$work/data" -U postgres -d postgres -v ON_ERROR_STOP=1 -P pager=off "$@"
}

# Show the tour of one vendor: each statement and its answer.
show() {
    say "$1"
    if [ "$1" = crustdata ] && [ -n "${BATCH_FDW_API_KEY:-}" ]; then
        run_psql -e -f demo/crustdata-live.sql
    else
        run_psql -e -v base="http://127.0.0.1:$api_port/$1" -f "demo/$1.sql"
    fi
}

for vendor in $vendors; do
    [ -f "demo/$vendor.sql" ] || die "There is no tour for \"$vendor\"; there are: crustdata companyenrich bigdata pulse"
done
if [ -n "${BATCH_FDW_API_KEY:-}" ] && [ "$vendors" != crustdata ]; then
    unset BATCH_FDW_API_KEY
fi
install_missing
say "Building"
copy_checkout "$work/build"
build "$work/build"
install_privately "$work/build" "$work/private"
bin=$("$private" --bindir)
start_server
start_imitation "$work/api.log" --port 0 --files-port 0
run_psql -f demo/setup.sql
for vendor in $vendors; do
    show "$vendor"
done
if [ -t 0 ] && [ -t 1 ]; then
    say "A prompt in the same database: \\det *.* lists the foreign tables, \\q ends it"
    trap : INT
    run_psql -v ON_ERROR_STOP=0 || true
fi
