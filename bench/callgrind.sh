#!/usr/bin/env bash
# Count the instructions that the record scanner and the jsonb writer spend on
# a byte of inflated text in their own code, by valgrind: bench/callgrind.sh
# Prints Markdown, and writes it to callgrind.md in the work folder.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/lib.sh
. test/lib.sh
# shellcheck source=bench/lib.sh
. bench/lib.sh

SCANNER='record.c skip.h'
WRITER='tape.c jsonb.c number.c unescape.c'

# Count what the functions of some files spend in a query; $1 = what, $2 = files, $3 = query.
count() {
    local out=$WORK/cluster/callgrind.out spent
    printf '%s;\n\n' "$3" >"$WORK/cluster/query.sql"
    rm -f "$out"
    as_server valgrind --quiet --tool=callgrind --callgrind-out-file="$out" \
        "$bin/postgres" --single -j -D "$cluster" postgres <"$WORK/cluster/query.sql" >"$WORK/cluster/callgrind.log" 2>&1 ||
        die "$(cat "$WORK/cluster/callgrind.log")"
    grep -q '= "' "$WORK/cluster/callgrind.log" || die "$(cat "$WORK/cluster/callgrind.log")"
    spent=$(callgrind_annotate --auto=no --threshold=100 "$out" |
        awk -v files="${2// /|}" '$0 ~ "/src/[a-z]+/(" files "):" { gsub(",", "", $1); sum += $1 } END { print sum + 0 }')
    awk -v what="$1" -v name="$2" -v spent="$spent" -v bytes="$bytes" \
        'BEGIN { printf "| %s | %s | %.2f |\n", what, name, spent / bytes }'
}

install_missing
for program in nginx curl valgrind callgrind_annotate; do
    command -v "$program" >/dev/null || die "Missing: $program"
done
make_data
trap clean_up EXIT
trap 'exit 130' INT TERM
build_both
start_nginx
start_cluster
stop_cluster
bytes=$(gunzip -c "$WORK/files/small.jsonl.gz" | wc -c)
say "Counting"
{
    echo "| work, $bytes bytes | files | instructions a byte |"
    echo "|---|---|--:|"
    count "count(*)" "$SCANNER" "SELECT count(*) FROM small_3"
    count "3 typed columns" "$SCANNER" "SELECT count(domain), sum(headcount), max(name) FROM small_3"
    count "10 typed columns" "$SCANNER" "SELECT count(domain), sum(internal_id), max(name), sum(headcount), sum(founded), max(revenue), max(city), min(country), max(public::int), max(updated_at) FROM small_10"
    count "\`data\` as jsonb" "$SCANNER" "SELECT sum(pg_column_size(data)) FROM small_data"
    count "\`data\` as jsonb" "$WRITER" "SELECT sum(pg_column_size(data)) FROM small_data"
} | tee "$WORK/callgrind.md"
